'use client';
import { Checkbox } from '@mantine/core';
import { IconBolt, IconClick, IconClock, IconCode, IconRefresh, IconWebhook } from '@tabler/icons-react';
import Link from 'next/link';
import type { ApiOutputs } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { Duration } from '@/components/ui/duration';
import list from '@/components/ui/list.module.css';
import { RelativeTime } from '@/components/ui/relative-time';
import { StatusBadge } from '@/components/ui/status-badge';
import { useNow } from '@/components/ui/use-now';
import { isTerminal } from '@/core/engine/events';
import { runDuration, shortRunId, triggerWord } from './run-words';

export type RunSummary = ApiOutputs['runs']['list']['items'][number];
const icons: Record<string, typeof IconClick> = {
  manual: IconClick,
  api: IconCode,
  webhook: IconWebhook,
  schedule: IconClock,
  event: IconBolt,
  retry: IconRefresh,
};

interface Props {
  items: RunSummary[];
  withWorkflow: boolean;
  /** the ids of the chosen runs; absent: none can be chosen */
  selected?: ReadonlySet<string>;
  onSelect?: (selected: ReadonlySet<string>) => void;
}

/** Rows of runs; the whole row opens the run. */
export function RunTable({ items, withWorkflow, selected, onSelect }: Props) {
  const count = selected ? items.filter((run) => selected.has(run.id)).length : 0;
  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect?.(next);
  };
  return (
    <div className={list.frame}>
      <table className={list.table}>
        <thead>
          <tr>
            {selected ? (
              <th scope="col" style={{ width: 1, paddingRight: 0 }}>
                <Checkbox
                  size="xs"
                  aria-label="Choose all runs shown"
                  checked={count > 0 && count === items.length}
                  indeterminate={count > 0 && count < items.length}
                  onChange={() => onSelect?.(new Set(count === items.length ? [] : items.map((run) => run.id)))}
                />
              </th>
            ) : null}
            <th scope="col">Run</th>
            <th scope="col">Status</th>
            <th scope="col" className={list.wide}>
              Started by
            </th>
            <th scope="col" className={`${list.wide} ${list.end}`}>
              Took
            </th>
            <th scope="col" className={list.end}>
              When
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((run) => (
            <RunRow
              key={run.id}
              run={run}
              withWorkflow={withWorkflow}
              {...(selected ? { chosen: selected.has(run.id), onChoose: () => toggle(run.id) } : {})}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  run: RunSummary;
  withWorkflow: boolean;
  /** absent: it cannot be chosen */
  chosen?: boolean;
  onChoose?: () => void;
}

function RunRow({ run, withWorkflow, chosen, onChoose }: RowProps) {
  const { slug: org } = useOrganization();
  const Icon = icons[run.trigger] ?? IconClick;
  const version = run.version === null ? 'draft' : `version ${run.version}`;
  const name = withWorkflow ? run.workflow.title : `Run ${shortRunId(run.id)}`;
  return (
    <tr className={list.row}>
      {chosen === undefined ? null : (
        <td style={{ paddingRight: 0 }}>
          <Checkbox size="xs" className={list.above} aria-label={`Choose run ${shortRunId(run.id)}`} checked={chosen} onChange={onChoose} />
        </td>
      )}
      <td className={list.main}>
        <span className={list.clip}>
          <Link href={`/${org}/runs/${run.id}`} className={list.link} aria-label={`${run.workflow.title}, run ${shortRunId(run.id)}`}>
            {name}
          </Link>
        </span>
        <span className={`${list.dim} ${list.clip}`}>
          {run.error ? (
            <span style={{ color: 'var(--hd-failed)' }}>{run.error.message}</span>
          ) : withWorkflow ? (
            `Run ${shortRunId(run.id)} · ${version}`
          ) : (
            version
          )}
        </span>
      </td>
      <td>{run.paused ? <StatusBadge status="waiting" label="Paused" /> : <StatusBadge status={run.status} />}</td>
      <td className={list.wide}>
        <span className={list.dim} style={{ display: 'inline-flex', gap: 6, alignItems: 'center', whiteSpace: 'nowrap' }}>
          <Icon size={15} aria-hidden /> {triggerWord(run.trigger)}
        </span>
      </td>
      <td className={`${list.wide} ${list.end}`}>
        <RunDuration run={run} />
      </td>
      <td className={list.end}>
        <span className={list.dim}>
          <RelativeTime at={run.queuedAt} />
        </span>
      </td>
    </tr>
  );
}

function RunDuration({ run }: { run: RunSummary }) {
  const active = !isTerminal(run.status);
  const now = useNow(active, Date.parse(run.startedAt ?? run.queuedAt));
  return <Duration ms={runDuration(run, now)} />;
}
