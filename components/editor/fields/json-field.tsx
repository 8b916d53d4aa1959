'use client';
import { useId, useState } from 'react';
import { FieldFrame } from './field-frame';
import type { LabelledFieldProps } from './field-props';
import { LazyCode } from './lazy-code';
import { Preview } from './preview';
import { fromText, toText } from './value-text';

/** Any JSON value; its texts may hold `{{ expressions }}`, and one `{{ }}` alone is a value too. Unfinished JSON stays here until it is whole. */
export function JsonField({ label, help, field, value, problem, disabled, step, onChange }: LabelledFieldProps) {
  const id = useId();
  const [draft, setDraft] = useState<{ text: string; value: unknown }>();
  // an undo or another tab changed the value: the text follows
  const text = draft && sameJson(draft.value, value) ? draft.text : toText(value);
  const read = fromText(text);
  return (
    <FieldFrame label={label} help={help} problem={read.ok ? problem : read.message}>
      <LazyCode
        id={id}
        label={label}
        mode="json"
        multiline
        value={text}
        placeholder={field.placeholder}
        disabled={disabled}
        invalid={!read.ok || Boolean(problem)}
        step={step}
        onChange={(next) => {
          const parsed = fromText(next);
          setDraft({ text: next, value: parsed.ok ? parsed.value : value });
          if (parsed.ok) onChange(parsed.value);
        }}
      />
      {problem ? null : <Preview value={read.ok ? read.value : undefined} step={step} />}
    </FieldFrame>
  );
}

const sameJson = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
