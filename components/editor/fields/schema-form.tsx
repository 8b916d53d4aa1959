'use client';
import { UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import type { JsonObject, Problem } from '@/core/workflow/workflow';
import { Field } from './field';
import { type FieldSchema, isShown } from './field-schema';
import classes from './fields.module.css';
import { JsonField } from './json-field';
import { withSetting } from './with-setting';

/** A form made from a schema; rarely needed settings are folded away, unless one of them is set or wrong. */
export function SchemaForm({
  schema,
  value,
  disabled,
  problems = [],
  step,
  plain,
  onChange,
}: {
  schema: FieldSchema;
  value: JsonObject;
  disabled: boolean;
  /** of this step, their paths ending in `.with.NAME…` */
  problems?: Problem[];
  step?: string;
  plain?: boolean;
  onChange: (value: JsonObject, name: string) => void;
}) {
  const fields = Object.entries(schema.properties ?? {}).filter(([, field]) => isShown(field, value, schema));
  const advanced = fields.filter(([, field]) => field.advanced);
  const problemOf = (name: string) => problems.find((p) => new RegExp(`(^|\\.)with\\.${name.replace(/[^\w]/g, '\\$&')}($|[.[])`).test(p.path))?.message;
  const [open, setOpen] = useState(() => advanced.some(([name]) => name in value || problemOf(name)));
  if (!schema.properties) {
    return (
      <JsonField
        name="settings"
        label="Settings"
        field={schema}
        value={value}
        required={false}
        disabled={disabled}
        step={step}
        onChange={(next) => onChange((next ?? {}) as JsonObject, '')}
      />
    );
  }
  const show = ([name, field]: [string, FieldSchema]) => (
    <Field
      key={name}
      name={name}
      field={field}
      value={value[name]}
      required={schema.required?.includes(name) ?? false}
      disabled={disabled}
      problem={problemOf(name)}
      step={step}
      plain={plain}
      onChange={(next) => onChange(withSetting(value, name, next), name)}
    />
  );
  return (
    <div className={classes.form}>
      {fields.filter(([, field]) => !field.advanced).map(show)}
      {advanced.length > 0 ? (
        <>
          <UnstyledButton className={classes.more} aria-expanded={open} onClick={() => setOpen(!open)}>
            <IconChevronRight size={16} stroke={1.7} style={{ transform: open ? 'rotate(90deg)' : undefined }} aria-hidden />
            More settings
          </UnstyledButton>
          {open ? advanced.map(show) : null}
        </>
      ) : null}
      {fields.length === 0 ? <p className={classes.quiet}>Nothing to set up here.</p> : null}
    </div>
  );
}
