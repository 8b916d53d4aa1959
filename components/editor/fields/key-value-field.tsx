'use client';
import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { Json } from '@/core/workflow/workflow';
import { FieldFrame } from './field-frame';
import type { LabelledFieldProps } from './field-props';
import classes from './fields.module.css';
import { TemplateField } from './template-field';

type Row = { key: string; name: string; value: string };
let count = 0;
const row = (name: string, value: Json): Row => ({ key: `row-${++count}`, name, value: typeof value === 'string' ? value : JSON.stringify(value) });
const rowsOf = (value: Json | undefined): Row[] =>
  value && typeof value === 'object' && !Array.isArray(value) ? Object.entries(value).map(([name, v]) => row(name, v)) : [];
const toValue = (rows: Row[]): Record<string, string> => Object.fromEntries(rows.filter((r) => r.name !== '').map((r) => [r.name, r.value]));

/** An object of texts as rows of name and value. Rows without a name yet live only here. */
export function KeyValueField({ label, help, value, problem, disabled, step, onChange }: LabelledFieldProps) {
  const [rows, setRows] = useState(() => rowsOf(value));
  const [seen, setSeen] = useState(value);
  // somebody else changed it: undo, the AWL view
  if (value !== seen) {
    setSeen(value);
    if (JSON.stringify(toValue(rows)) !== JSON.stringify(value ?? {})) setRows(rowsOf(value));
  }
  const change = (next: Row[]) => {
    setRows(next);
    const object = toValue(next);
    onChange(Object.keys(object).length > 0 ? object : undefined);
  };
  return (
    <FieldFrame label={label} help={help} problem={problem}>
      <div className={classes.rows}>
        {rows.map((item, index) => (
          <div key={item.key} className={classes.row}>
            <TextInput
              aria-label={`${label}, name ${index + 1}`}
              placeholder="Name"
              value={item.name}
              disabled={disabled}
              error={item.name !== '' && rows.some((other) => other !== item && other.name === item.name)}
              onChange={(event) => change(rows.map((r) => (r === item ? { ...r, name: event.currentTarget.value } : r)))}
            />
            <TemplateField
              name={`${label}, value ${index + 1}`}
              bare
              field={{ placeholder: 'Value' }}
              label={`${label}, value of ${item.name || `row ${index + 1}`}`}
              value={item.value}
              required={false}
              disabled={disabled}
              step={step}
              onChange={(next) => change(rows.map((r) => (r.key === item.key ? { ...r, value: typeof next === 'string' ? next : '' } : r)))}
            />
            {disabled ? null : (
              <ActionIcon aria-label={`Remove ${item.name || `row ${index + 1}`}`} size={32} onClick={() => change(rows.filter((r) => r !== item))}>
                <IconTrash size={16} stroke={1.7} />
              </ActionIcon>
            )}
          </div>
        ))}
        {disabled ? (
          rows.length === 0 && <span className={classes.quiet}>None</span>
        ) : (
          <Button
            variant="subtle"
            size="compact-sm"
            className={classes.addRow}
            leftSection={<IconPlus size={14} />}
            onClick={() => setRows([...rows, row('', '')])}
          >
            Add
          </Button>
        )}
      </div>
    </FieldFrame>
  );
}
