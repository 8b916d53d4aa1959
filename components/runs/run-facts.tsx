'use client';
import { useOrganization } from '@/components/shell/organization-context';
import { formatDuration } from '@/components/ui/duration';
import { AnchorLink } from '@/components/ui/link';
import { RelativeTime } from '@/components/ui/relative-time';
import classes from './run.module.css';
import { formatCost, shortRunId, triggerWord } from './run-words';
import type { RunDetail } from './use-live-run';

const made = { rerun: 'Re-run', replay: 'Replay', fork: 'Fork' };

/** Where a run comes from, how long it took and what it cost. */
export function RunFacts({ run, costUsd, tookMs }: { run: RunDetail; costUsd: number; tookMs: number | null }) {
  const { slug: org } = useOrganization();
  return (
    <span className={classes.facts}>
      <span>Run {shortRunId(run.id)}</span>
      <span>{run.version === null ? 'Draft' : `Version ${run.version}`}</span>
      <span>{run.fork ? made[run.fork.kind] : triggerWord(run.trigger)}</span>
      <RelativeTime at={run.queuedAt} />
      {tookMs === null ? null : <span>{formatDuration(tookMs)}</span>}
      {costUsd > 0 ? <span>{formatCost(costUsd)}</span> : null}
      {run.caller ? (
        <AnchorLink href={`/${org}/runs/${run.caller.runId}?step=${encodeURIComponent(run.caller.path)}`}>
          Started by the step {run.caller.path} of run {shortRunId(run.caller.runId)}
        </AnchorLink>
      ) : null}
      {run.parentRunId ? (
        <AnchorLink href={`/${org}/runs/${run.parentRunId}`}>
          {run.fork ? made[run.fork.kind] : 'Retry'} of run {shortRunId(run.parentRunId)}
          {run.retryFrom ? `, from ${run.retryFrom}` : ''}
        </AnchorLink>
      ) : null}
      {run.fork && run.fork.edited.length > 0 ? <span>Output given by hand: {run.fork.edited.join(', ')}</span> : null}
    </span>
  );
}
