'use client';
import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import type { Json } from '@/core/workflow/workflow';
import classes from './json-view.module.css';

const shownItems = 50;
const shownCharacters = 300;

/** JSON as a tree that folds, with a copy button; long texts and lists open on request. `label` names it for screen readers. */
export function JsonView({
  value,
  label = 'Value',
  openDepth = 2,
  maxHeight = 420,
}: {
  value: Json | undefined;
  label?: string;
  openDepth?: number;
  maxHeight?: number | string;
}) {
  if (value === undefined) return <p className={classes.none}>Nothing</p>;
  return (
    <div className={classes.frame}>
      <section className={classes.tree} style={{ maxHeight }} aria-label={label} tabIndex={0}>
        <Branch value={value} depth={0} openDepth={openDepth} />
      </section>
      <CopyButton value={JSON.stringify(value, null, 2)} timeout={1500}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? 'Copied' : 'Copy as JSON'}>
            <ActionIcon className={classes.copy} size={28} onClick={copy} aria-label={copied ? `${label} copied` : `Copy ${label}`}>
              {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  );
}

function Branch({ name, value, depth, openDepth }: { name?: string; value: Json; depth: number; openDepth: number }) {
  const isList = Array.isArray(value);
  const entries: [string, Json][] = value !== null && typeof value === 'object' ? (isList ? value.map((v, i) => [String(i), v]) : Object.entries(value)) : [];
  const [open, setOpen] = useState(depth < openDepth && entries.length <= 200);
  const [limit, setLimit] = useState(shownItems);
  const key = name === undefined ? null : <span className={classes.key}>{name}: </span>;
  if (value === null || typeof value !== 'object') {
    return (
      <div className={classes.row}>
        {key}
        <Leaf value={value} />
      </div>
    );
  }
  const [left, right] = isList ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) {
    return (
      <div className={classes.row}>
        {key}
        {left}
        {right}
      </div>
    );
  }
  const count = `${entries.length.toLocaleString('en')} ${isList ? (entries.length === 1 ? 'item' : 'items') : entries.length === 1 ? 'field' : 'fields'}`;
  return (
    <div>
      <button type="button" className={classes.fold} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={classes.caret} data-open={open} aria-hidden />
        {key}
        {left}
        {open ? null : (
          <>
            <span className={classes.count}> {count} </span>
            {right}
          </>
        )}
      </button>
      {open ? (
        <>
          <div className={classes.children}>
            {entries.slice(0, limit).map(([k, v]) => (
              <Branch key={k} name={isList ? undefined : k} value={v} depth={depth + 1} openDepth={openDepth} />
            ))}
            {entries.length > limit ? (
              <button type="button" className={classes.more} onClick={() => setLimit(limit + 500)}>
                Show {Math.min(500, entries.length - limit)} more of {count}
              </button>
            ) : null}
          </div>
          <div className={classes.row}>{right}</div>
        </>
      ) : null}
    </div>
  );
}

function Leaf({ value }: { value: null | boolean | number | string }) {
  const [all, setAll] = useState(false);
  if (typeof value !== 'string') return <span className={typeof value === 'number' ? classes.number : classes.literal}>{String(value)}</span>;
  const long = value.length > shownCharacters && !all;
  return (
    <span className={classes.string}>
      {asWritten(long ? value.slice(0, shownCharacters) : value)}
      {long ? (
        <button type="button" className={classes.more} onClick={() => setAll(true)}>
          … show all {value.length.toLocaleString('en')} characters
        </button>
      ) : null}
    </span>
  );
}

/** A text as JSON, but with its line breaks as such: what has several lines can be read. Copying gives plain JSON. */
function asWritten(text: string): string {
  const lines = text.split('\n').map((line) => JSON.stringify(line).slice(1, -1));
  return text.includes('\n') ? `"${lines.join('\n')}"` : JSON.stringify(text);
}
