'use client';
import { StatusBadge } from '@/components/ui/status-badge';
import { chipLabel } from '../canvas/status-chip';
import type { StepRun } from '../model/run-store';
import { Waiting } from './output-notes';
import classes from './panel.module.css';
import { Sample } from './value-view';

/** The last output below the form, so that nobody has to change tabs to see what a setting did. */
export function LastOutput({ run }: { run: StepRun }) {
  if (run.status === 'pending' || run.status === 'skipped') return null;
  return (
    <section className={classes.last} aria-label="Last output">
      <div className={classes.lastHead}>
        <h3>Last output</h3>
        <StatusBadge status={run.status} label={chipLabel(run, false)} />
      </div>
      {run.status === 'failed' && run.error ? (
        <p className={classes.failure}>{run.error.message}</p>
      ) : run.output !== undefined ? (
        <Sample value={run.output} />
      ) : run.status === 'waiting' && run.retryAt === undefined ? (
        <Waiting run={run} />
      ) : null}
    </section>
  );
}
