'use client';
import { useId } from 'react';
import { FieldFrame } from './field-frame';
import type { FieldProps } from './field-props';
import { LazyCode } from './lazy-code';
import { Preview } from './preview';

/** A text that may hold `{{ expressions }}`, or with `cel` one raw expression; with its value from the last run underneath. */
export function TemplateField({
  label,
  help,
  field,
  value,
  problem,
  disabled,
  step,
  cel = false,
  multiline = false,
  bare = false,
  onChange,
}: FieldProps & { label?: string; help?: React.ReactNode; cel?: boolean; multiline?: boolean; bare?: boolean }) {
  const id = useId();
  const text = value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  const editor = (
    <>
      <LazyCode
        id={id}
        label={label ?? ''}
        mode={cel ? 'cel' : 'template'}
        multiline={multiline}
        value={text}
        placeholder={field.placeholder}
        disabled={disabled}
        invalid={Boolean(problem)}
        step={step}
        names={field.names}
        onChange={(next) => onChange(next === '' ? undefined : next)}
      />
      {bare || problem || field.names ? null : <Preview value={text} cel={cel} step={step} />}
    </>
  );
  if (bare) return <div>{editor}</div>;
  return (
    <FieldFrame label={label ?? ''} help={help} problem={problem}>
      {editor}
    </FieldFrame>
  );
}
