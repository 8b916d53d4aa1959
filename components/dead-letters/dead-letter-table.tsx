'use client';
import { Button, Checkbox } from '@mantine/core';
import Link from 'next/link';
import { useState } from 'react';
import type { ApiOutputs } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import list from '@/components/ui/list.module.css';
import { RelativeTime } from '@/components/ui/relative-time';
import { ReasonBadge } from './dead-letter-badges';
import type { readDeadLetterFilter } from './dead-letter-filter';
import classes from './dead-letters.module.css';
import { ResolveButtons } from './resolve-buttons';

type Letter = ApiOutputs['deadLetters']['list']['items'][number];

interface Props {
  items: Letter[];
  filter: ReturnType<typeof readDeadLetterFilter>;
  /** there are more than are shown */
  more: boolean;
}

/** Rows of dead letters; open ones can be chosen, by row, all that are shown, or all that the filter finds. */
export function DeadLetterTable({ items, filter, more }: Props) {
  const { status, ...rest } = filter;
  const open = status === 'open';
  const { can } = useOrganization();
  const choosable = open && (can('dead-letter:retry') || can('dead-letter:discard'));
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false);
  const chosen = items.filter(({ id }) => all || marked.has(id));
  const clear = () => {
    setMarked(new Set());
    setAll(false);
  };
  const mark = (ids: string[], on: boolean) => {
    setAll(false);
    const next = new Set(all ? items.map(({ id }) => id) : marked);
    for (const id of ids) {
      if (on) next.add(id);
      else next.delete(id);
    }
    setMarked(next);
  };
  const everything = items.length > 0 && chosen.length === items.length;
  return (
    <div className={list.frame}>
      {choosable ? (
        <div className={classes.bar}>
          <Checkbox
            aria-label="Choose all that are shown"
            checked={everything}
            indeterminate={chosen.length > 0 && !everything}
            onChange={({ currentTarget }) =>
              mark(
                items.map(({ id }) => id),
                currentTarget.checked,
              )
            }
          />
          <span className={classes.barWords} aria-live="polite">
            {all ? 'All that are found are chosen' : chosen.length === 0 ? 'Choose some to retry or discard them' : `${chosen.length} chosen`}
            {everything && more && !all ? (
              <Button size="compact-xs" variant="subtle" ml={8} onClick={() => setAll(true)}>
                Choose all that are found
              </Button>
            ) : null}
          </span>
          {chosen.length > 0 ? (
            <ResolveButtons count={all && more ? null : chosen.length} choice={all ? { filter: rest } : { ids: chosen.map(({ id }) => id) }} onDone={clear} />
          ) : null}
        </div>
      ) : null}
      <table className={list.table}>
        <thead>
          <tr>
            {choosable ? <th scope="col" className={classes.check} aria-label="Chosen" /> : null}
            <th scope="col">Run</th>
            <th scope="col" className={list.wide}>
              Reason
            </th>
            <th scope="col" className={`${list.wide} ${list.end}`}>
              Attempts
            </th>
            <th scope="col" className={list.end}>
              {open ? 'Since' : 'Resolved'}
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((letter) => (
            <Row key={letter.id} letter={letter} chosen={choosable ? all || marked.has(letter.id) : undefined} onChoose={(on) => mark([letter.id], on)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ letter, chosen, onChoose }: { letter: Letter; chosen: boolean | undefined; onChoose: (on: boolean) => void }) {
  const { slug: org } = useOrganization();
  const { id, workflow, step, message, reason, attempts, at, resolvedAt, resolvedBy } = letter;
  const title = workflow.title || 'Workflow';
  return (
    <tr className={list.row} data-chosen={chosen}>
      {chosen === undefined ? null : (
        <td className={classes.check}>
          <Checkbox
            className={list.above}
            aria-label={`Choose ${title}${step ? `, ${step}` : ''}`}
            checked={chosen}
            onChange={({ currentTarget }) => onChoose(currentTarget.checked)}
          />
        </td>
      )}
      <td className={list.main}>
        <span className={list.clip}>
          <Link href={`/${org}/dead-letters/${id}`} className={list.link}>
            {title}
            {step ? ` · ${step}` : ''}
          </Link>
        </span>
        <span className={`${list.dim} ${list.clip}`}>
          <span className={classes.message}>{message}</span>
        </span>
      </td>
      <td className={list.wide}>
        <ReasonBadge reason={reason} />
      </td>
      <td className={`${list.wide} ${list.end}`}>{attempts}</td>
      <td className={list.end}>
        <span className={list.dim}>
          <RelativeTime at={resolvedAt ?? at} />
          {resolvedBy ? ` by ${resolvedBy}` : ''}
        </span>
      </td>
    </tr>
  );
}
