'use client';
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

/** Rows of runs; the whole row opens the run. */
export function RunTable({ items, withWorkflow }: { items: RunSummary[]; withWorkflow: boolean }) {
  return (
    <div className={list.frame}>
      <table className={list.table}>
        <thead>
          <tr>
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
            <RunRow key={run.id} run={run} withWorkflow={withWorkflow} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RunRow({ run, withWorkflow }: { run: RunSummary; withWorkflow: boolean }) {
  const { slug: org } = useOrganization();
  const Icon = icons[run.trigger] ?? IconClick;
  const version = run.version === null ? 'draft' : `version ${run.version}`;
  const name = withWorkflow ? run.workflow.title : `Run ${shortRunId(run.id)}`;
  return (
    <tr className={list.row}>
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
      <td>
        <StatusBadge status={run.status} />
      </td>
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
