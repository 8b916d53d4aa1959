'use client';
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconMathFunction } from '@tabler/icons-react';
import classes from './fields.module.css';

/** The small ƒ beside a label that turns a fixed setting into an expression and back. */
export function ExpressionToggle({
  on = false,
  label,
  disabled,
  onToggle,
  children,
}: {
  on?: boolean;
  label: string;
  disabled: boolean;
  onToggle: () => void;
  children: React.ReactNode;
}) {
  const words = on ? `Use a fixed value for ${label}` : `Use an expression for ${label}`;
  return (
    <div className={classes.toggled}>
      {children}
      {disabled ? null : (
        <Tooltip label={words}>
          <ActionIcon className={classes.toggle} size={22} aria-label={words} aria-pressed={on} data-on={on || undefined} onClick={onToggle}>
            <IconMathFunction size={15} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      )}
    </div>
  );
}
