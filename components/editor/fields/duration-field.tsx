'use client';
import { TextInput, type TextInputProps } from '@mantine/core';
import { useState } from 'react';
import { parseDuration } from '@/core/workflow/duration';

/** A duration as people write it: `30s`, `5m`, `2h`, `1d`. What cannot be read yet stays here and is not handed on. */
export function DurationField({
  value,
  onChange,
  error,
  ...rest
}: Omit<TextInputProps, 'value' | 'onChange'> & { value: string; onChange: (value: string | undefined) => void }) {
  const [text, setText] = useState<string>();
  const shown = text ?? value;
  const bad = shown.trim() !== '' && parseDuration(shown) === undefined;
  return (
    <TextInput
      {...rest}
      value={shown}
      error={error ?? (bad && text === undefined ? 'Wants a duration like 30s, 5m, 2h or 1d' : undefined)}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        if (next.trim() === '') onChange(undefined);
        else if (parseDuration(next) !== undefined) onChange(next.trim());
      }}
      onBlur={() => {
        if (text !== undefined && /^\d+$/.test(text.trim())) onChange(`${text.trim()}s`);
        else if (text !== undefined && text.trim() !== '' && parseDuration(text) === undefined) return;
        setText(undefined);
      }}
    />
  );
}
