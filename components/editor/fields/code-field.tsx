'use client';
import { useId } from 'react';
import { FieldFrame } from './field';
import { LazyCode } from './lazy-code';

/** Source text, passed on as it is. */
export function CodeField({
  label,
  help,
  value,
  language,
  disabled,
  problem,
  onChange,
}: {
  label: string;
  help?: React.ReactNode;
  value: string;
  language: 'javascript' | 'json';
  disabled: boolean;
  problem?: string;
  onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <FieldFrame label={label} help={help} problem={problem}>
      <LazyCode id={id} label={label} mode={language === 'json' ? 'plain-json' : 'javascript'} multiline tall value={value} disabled={disabled} invalid={Boolean(problem)} onChange={onChange} />
    </FieldFrame>
  );
}
