'use client';
import { formatDuration } from '@/components/ui/duration';
import { StatusBadge } from '@/components/ui/status-badge';
import type { StepRun } from '../model/run-store';
import { useKeyed, useStore } from '../model/use-store';
import { useSession } from '../session-context';
import classes from './node.module.css';

/** What a chip says beside its icon: the time a finished step took, else the status's own word. */
export function chipLabel(step: StepRun, live: boolean): string | undefined {
  if (step.status === 'succeeded' && step.startedAt !== undefined && step.finishedAt !== undefined) return formatDuration(step.finishedAt - step.startedAt);
  if (step.status === 'waiting' && step.retryAt !== undefined) return `Retry ${step.attempts}`;
  if (step.status === 'pending' && live) return 'Queued';
  return undefined;
}

/** The state of a step in the run on the canvas, on the card's top edge. Renders with its own step only. */
export function StatusChip({ id }: { id: string }) {
  const session = useSession();
  const step = useKeyed(session.run.steps, id);
  const live = useStore(session.run.run, (run) => run !== undefined && run.finishedAt === undefined);
  if (!step || (step.status === 'pending' && !live)) return null;
  return (
    <span className={classes.chip}>
      <StatusBadge status={step.status === 'pending' ? 'queued' : step.status} label={chipLabel(step, live)} size="sm" />
    </span>
  );
}
