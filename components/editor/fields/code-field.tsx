'use client';
import { useId } from 'react';
import { FieldFrame } from './field-frame';
import type { LabelledFieldProps } from './field-props';
import { LazyCode } from './lazy-code';

/** Source text, passed on as it is. */
export function CodeField({ label, help, field, value, disabled, problem, onChange }: LabelledFieldProps) {
  const id = useId();
  return (
    <FieldFrame label={label} help={help} problem={problem}>
      <LazyCode
        id={id}
        label={label}
        mode={field.language === 'json' ? 'plain-json' : 'javascript'}
        multiline
        tall
        value={typeof value === 'string' ? value : ''}
        disabled={disabled}
        invalid={Boolean(problem)}
        onChange={onChange}
      />
    </FieldFrame>
  );
}
