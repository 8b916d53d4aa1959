'use client';
import { ActionIcon, Button, Checkbox, Select, TextInput, Tooltip } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { Json, JsonObject } from '@/core/workflow/workflow';
import { FieldFrame } from '../fields/field-frame';
import { JsonField } from '../fields/json-field';
import classes from './panel.module.css';

const types = ['string', 'number', 'integer', 'boolean', 'array', 'object'];
type Property = { type?: Json; [key: string]: Json | undefined };

/** A schema that this simple editor can show whole: an object of plain properties. */
function simple(schema: JsonObject | undefined): { properties: Record<string, JsonObject>; required: string[] } | undefined {
  if (!schema) return { properties: {}, required: [] };
  const { type, properties = {}, required = [], ...rest } = schema;
  if (Object.keys(rest).some((key) => key !== 'additionalProperties' && key !== '$schema') || (type !== undefined && type !== 'object')) return undefined;
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties) || !Array.isArray(required)) return undefined;
  const fields = Object.entries(properties);
  if (!fields.every(([, field]) => field && typeof field === 'object' && !Array.isArray(field) && types.includes(String((field as Property).type ?? 'string'))))
    return undefined;
  return { properties: properties as Record<string, JsonObject>, required: required.map(String) };
}

/** What a run wants to be given: names and types in rows, or the whole JSON Schema where it says more than that. */
export function InputFields({
  schema,
  disabled,
  onChange,
}: {
  schema: JsonObject | undefined;
  disabled: boolean;
  onChange: (schema: JsonObject | undefined) => void;
}) {
  const plain = simple(schema);
  const [asJson, setAsJson] = useState(plain === undefined);
  const toggle = (
    <Button variant="subtle" size="compact-xs" disabled={plain === undefined} onClick={() => setAsJson(!asJson)}>
      {asJson ? 'As rows' : 'As JSON Schema'}
    </Button>
  );
  if (asJson || !plain) {
    return (
      <div>
        <JsonField
          name="input"
          label="Input"
          help="A JSON Schema, checked before a run starts."
          field={{}}
          value={schema}
          required={false}
          disabled={disabled}
          onChange={(next) => onChange(next as JsonObject | undefined)}
        />
        {plain ? toggle : null}
      </div>
    );
  }
  const write = (properties: Record<string, JsonObject>, required: string[]) => {
    const kept = required.filter((name) => name in properties);
    onChange(
      Object.keys(properties).length === 0
        ? undefined
        : { ...(schema ?? {}), type: 'object', properties, ...(kept.length > 0 || schema?.required ? { required: kept } : {}) },
    );
  };
  const entries = Object.entries(plain.properties);
  const rename = (from: string, to: string) => {
    if (to === '' || to in plain.properties) return;
    write(
      Object.fromEntries(entries.map(([name, field]) => [name === from ? to : name, field])),
      plain.required.map((name) => (name === from ? to : name)),
    );
  };
  return (
    <FieldFrame label="Input" help="What a run is given, asked for when somebody presses Run." action={toggle}>
      <div className={classes.stack} style={{ gap: 8, marginTop: 4 }}>
        {entries.map(([name, field], index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the name changes while it is typed
          <div key={index} className={classes.inputRow}>
            <NameField name={name} disabled={disabled} onRename={(to) => rename(name, to)} />
            <Select
              aria-label={`Type of ${name}`}
              disabled={disabled}
              data={types}
              value={String(field.type ?? 'string')}
              onChange={(type) => write({ ...plain.properties, [name]: { ...field, type: type ?? 'string' } }, plain.required)}
            />
            <Tooltip label="Required">
              <Checkbox
                aria-label={`${name} is required`}
                disabled={disabled}
                checked={plain.required.includes(name)}
                onChange={(event) =>
                  write(plain.properties, event.currentTarget.checked ? [...plain.required, name] : plain.required.filter((other) => other !== name))
                }
              />
            </Tooltip>
            <ActionIcon
              aria-label={`Remove ${name}`}
              size={30}
              disabled={disabled}
              onClick={() => write(Object.fromEntries(entries.filter(([other]) => other !== name)), plain.required)}
            >
              <IconTrash size={15} stroke={1.7} />
            </ActionIcon>
          </div>
        ))}
        {disabled ? null : (
          <Button
            variant="subtle"
            size="compact-sm"
            style={{ justifySelf: 'start' }}
            leftSection={<IconPlus size={14} />}
            onClick={() => write({ ...plain.properties, [freeName(plain.properties)]: { type: 'string' } }, plain.required)}
          >
            Add a field
          </Button>
        )}
      </div>
    </FieldFrame>
  );
}

function NameField({ name, disabled, onRename }: { name: string; disabled: boolean; onRename: (name: string) => void }) {
  const [text, setText] = useState<string>();
  return (
    <TextInput
      aria-label="Name of the field"
      disabled={disabled}
      value={text ?? name}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => {
        if (text !== undefined && text !== name) onRename(text.trim());
        setText(undefined);
      }}
    />
  );
}

function freeName(properties: Record<string, unknown>): string {
  for (let n = 1; ; n += 1) if (!(`field${n}` in properties)) return `field${n}`;
}
