'use client';
import { MultiSelect, NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Json } from '@/core/workflow/workflow';
import classes from './approvals.module.css';
import type { FormField } from './form-fields';

interface Props {
  field: FormField;
  value: Json | undefined;
  problem: string | undefined;
  onChange: (value: Json | undefined) => void;
}

/** One field of an approval's form. */
export function ApprovalField({ field, value, problem, onChange }: Props) {
  const { kind, label, help, required, options } = field;
  const common = { label, description: help, error: problem, withAsterisk: required };
  const text = typeof value === 'string' ? value : '';
  const onText = (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value || undefined);
  switch (kind) {
    case 'number':
      return (
        <NumberInput
          {...common}
          value={typeof value === 'number' ? value : ''}
          min={field.minimum}
          max={field.maximum}
          clampBehavior="none"
          allowDecimal={!field.whole}
          onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
        />
      );
    case 'switch':
      return <Switch {...common} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case 'choice': {
      const chosen = [...options].find(([, option]) => option === value)?.[0] ?? null;
      return (
        <Select
          {...common}
          data={[...options.keys()]}
          value={chosen}
          clearable={!required}
          onChange={(next) => onChange(next === null ? undefined : options.get(next))}
        />
      );
    }
    case 'choices':
      return (
        <MultiSelect
          {...common}
          data={[...options.keys()]}
          value={[...options].filter(([, option]) => Array.isArray(value) && value.includes(option)).map(([name]) => name)}
          onChange={(next) => onChange(next.length > 0 ? next.map((name) => options.get(name) ?? null) : undefined)}
        />
      );
    case 'lines':
      return <Textarea {...common} autosize minRows={3} maxRows={12} value={text} onChange={onText} />;
    case 'date':
      return <TextInput {...common} type="date" value={text} onChange={onText} />;
    case 'date-time':
      return <DateTimeField {...common} value={text} onChange={onChange} />;
    case 'json':
      return <JsonField {...common} value={value} onChange={onChange} />;
    default:
      return <TextInput {...common} value={text} onChange={onText} />;
  }
}

interface Common {
  label: string;
  description: string | undefined;
  error: string | undefined;
  withAsterisk: boolean;
  onChange: (value: Json | undefined) => void;
}

/** Shows the reader's own time and gives one with its offset. */
function DateTimeField({ value, onChange, ...common }: Common & { value: string }) {
  const date = new Date(value);
  const local = Number.isNaN(date.getTime()) ? '' : new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  return (
    <TextInput
      {...common}
      type="datetime-local"
      value={local}
      onChange={({ currentTarget: { value: next } }) => {
        const at = new Date(next);
        onChange(Number.isNaN(at.getTime()) ? undefined : at.toISOString());
      }}
    />
  );
}

/** Unfinished JSON stays here until it is whole. */
function JsonField({ value, error, onChange, ...common }: Common & { value: Json | undefined }) {
  const [text, setText] = useState(() => (value === undefined ? '' : JSON.stringify(value, null, 2)));
  const [broken, setBroken] = useState(false);
  return (
    <Textarea
      classNames={{ input: classes.mono }}
      {...common}
      autosize
      minRows={3}
      maxRows={12}
      value={text}
      error={broken ? 'This is not JSON yet.' : error}
      onChange={({ currentTarget: { value: next } }) => {
        setText(next);
        try {
          onChange(next.trim() === '' ? undefined : (JSON.parse(next) as Json));
          setBroken(false);
        } catch {
          setBroken(true);
        }
      }}
    />
  );
}
