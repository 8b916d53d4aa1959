'use client';
import { JsonView } from '@/components/ui/json-view';
import type { Json } from '@/core/workflow/workflow';
import classes from './value-view.module.css';

/** A value as JSON text, cut where it gets long. */
export function Sample({ value }: { value: Json }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    <pre className={classes.sample} tabIndex={0}>
      {text.length > 4000 ? `${text.slice(0, 4000)}\n…` : text}
    </pre>
  );
}

/** A value as a tree, under a heading. */
export function ValueView({ label, value }: { label: string; value: Json }) {
  return (
    <div>
      <h3 className={classes.heading}>{label}</h3>
      <JsonView value={value} label={label} />
    </div>
  );
}
