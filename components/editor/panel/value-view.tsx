'use client';
import { CopyButton, UnstyledButton } from '@mantine/core';
import { IconCheck, IconChevronRight, IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import type { Json } from '@/core/workflow/workflow';
import classes from './value-view.module.css';

/** A value as JSON text, cut where it gets long. */
export function Sample({ value }: { value: Json }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must be reachable by keyboard
    <pre className={classes.sample} tabIndex={0}>
      {text.length > 4000 ? `${text.slice(0, 4000)}\n…` : text}
    </pre>
  );
}

/** A value as a tree that opens level by level, with a button that copies all of it. */
export function ValueView({ label, value }: { label: string; value: Json }) {
  return (
    <section className={classes.view} aria-label={label}>
      <div className={classes.head}>
        <h3>{label}</h3>
        <CopyButton value={typeof value === 'string' ? value : JSON.stringify(value, null, 2)}>
          {({ copied, copy }) => (
            <UnstyledButton className={classes.copy} onClick={copy}>
              {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} stroke={1.7} aria-hidden />}
              {copied ? 'Copied' : 'Copy'}
            </UnstyledButton>
          )}
        </CopyButton>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must be reachable by keyboard */}
      <div className={classes.tree} tabIndex={0}>
        <Branch value={value} depth={0} />
      </div>
    </section>
  );
}

const PAGE = 100;

function Branch({ name, value, depth }: { name?: string; value: Json; depth: number }) {
  const [open, setOpen] = useState(depth < 2);
  const [shown, setShown] = useState(PAGE);
  const key = name === undefined ? null : <span className={classes.key}>{name}: </span>;
  if (value === null || typeof value !== 'object') {
    return (
      <div className={classes.leaf}>
        {key}
        <Leaf value={value} />
      </div>
    );
  }
  const entries = Array.isArray(value) ? value.map((item, index): [string, Json] => [String(index), item]) : Object.entries(value);
  const size = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  if (entries.length === 0) {
    return (
      <div className={classes.leaf}>
        {key}
        <span className={classes.size}>{Array.isArray(value) ? '[]' : '{}'}</span>
      </div>
    );
  }
  return (
    <div>
      <button type="button" className={classes.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>
        <IconChevronRight size={12} aria-hidden style={{ transform: open ? 'rotate(90deg)' : undefined }} />
        {key}
        <span className={classes.size}>{size}</span>
      </button>
      {open ? (
        <div className={classes.children}>
          {entries.slice(0, shown).map(([childName, child]) => (
            <Branch key={childName} name={childName} value={child} depth={depth + 1} />
          ))}
          {entries.length > shown ? (
            <button type="button" className={classes.toggle} onClick={() => setShown(shown + PAGE * 5)}>
              {entries.length - shown} more
            </button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function Leaf({ value }: { value: null | boolean | number | string }) {
  if (typeof value === 'string') return <span className={classes.string}>{value.length > 2000 ? `"${value.slice(0, 2000)}…" (${value.length} characters)` : `"${value}"`}</span>;
  if (typeof value === 'number') return <span className={classes.number}>{value}</span>;
  return <span className={classes.literal}>{String(value)}</span>;
}
