'use client';
import { Input } from '@mantine/core';
import classes from './fields.module.css';

/** Label, help and fault of a field that is no Mantine input. */
export function FieldFrame({
  label,
  help,
  problem,
  children,
  action,
  labelFor,
}: {
  label: string;
  help?: React.ReactNode;
  problem?: string;
  children: React.ReactNode;
  action?: React.ReactNode;
  labelFor?: string;
}) {
  return (
    <Input.Wrapper
      label={
        <span className={classes.labelRow}>
          {label}
          {action}
        </span>
      }
      labelElement={labelFor ? 'label' : 'div'}
      labelProps={labelFor ? { htmlFor: labelFor } : undefined}
      description={help}
      error={problem}
    >
      <div className={classes.holder} data-help={help ? true : undefined} data-problem={problem ? true : undefined}>
        {children}
      </div>
    </Input.Wrapper>
  );
}
