'use client';
import { Autocomplete, NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useId } from 'react';
import { DurationField } from './duration-field';
import type { LabelledFieldProps } from './field-props';
import { editorOf } from './field-schema';
import classes from './fields.module.css';

/** A setting that one Mantine input edits. */
export function SimpleField({ label, help, field, value, required, disabled, problem, onChange }: LabelledFieldProps) {
  const id = useId();
  const common = { id, label, description: help, error: problem, disabled, required };
  const text = typeof value === 'string' ? value : '';
  const onText = (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value || undefined);
  switch (editorOf(field)) {
    case 'select':
      return (
        <Select
          {...common}
          data={(field.enum ?? []).map((option) => ({ value: String(option), label: field.labels?.[String(option)] ?? String(option) }))}
          value={value === undefined ? String(field.default ?? '') || null : String(value)}
          onChange={(next) => onChange((field.enum ?? []).find((option) => String(option) === next))}
        />
      );
    case 'number':
      return (
        <NumberInput
          {...common}
          value={typeof value === 'number' ? value : ''}
          placeholder={field.default === undefined ? field.placeholder : String(field.default)}
          min={field.minimum}
          max={field.maximum}
          clampBehavior="blur"
          allowDecimal={field.type !== 'integer'}
          suffix={field.unit ? ` ${field.unit}` : undefined}
          onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
        />
      );
    case 'switch':
      return (
        <Switch
          {...common}
          className={classes.switch}
          checked={typeof value === 'boolean' ? value : field.default === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'duration':
      return <DurationField {...common} placeholder={field.placeholder ?? String(field.default ?? '30s')} value={text} onChange={onChange} />;
    case 'timezone':
      return (
        <Autocomplete {...common} data={zones()} limit={50} placeholder={field.placeholder} value={text || String(field.default ?? '')} onChange={onChange} />
      );
    case 'cron':
      return <TextInput {...common} classNames={{ input: classes.mono }} placeholder={field.placeholder} value={text} onChange={onText} />;
    case 'textarea':
      return <Textarea {...common} autosize minRows={3} maxRows={12} value={text} onChange={onText} />;
    default:
      return <TextInput {...common} type={inputTypes[field.format ?? ''] ?? 'text'} placeholder={field.placeholder} value={text} onChange={onText} />;
  }
}

const inputTypes: Record<string, string> = { date: 'date', email: 'email', uri: 'url' };
const zones = (): string[] => ['UTC', ...Intl.supportedValuesOf('timeZone')];
