'use client';
import { formatDuration } from '@/components/ui/duration';
import { StatusBadge } from '@/components/ui/status-badge';
import type { LoopRun } from '../model/loop-runs';
import type { StepRun } from '../model/run-store';
import { parentOf } from '../model/step-tree';
import { useKeyed, useStore } from '../model/use-store';
import { waitingLabel } from '../run/waiting-words';
import { useSession, useWorkflow } from '../session-context';
import classes from './node.module.css';

/** What a chip says beside its icon: the time a finished step took, what a waiting one waits for, else the status's own word. */
export function chipLabel(step: StepRun, live: boolean): string | undefined {
  if (step.kept) return 'Kept';
  if (step.status === 'succeeded' && step.startedAt !== undefined && step.finishedAt !== undefined) return formatDuration(step.finishedAt - step.startedAt);
  if (step.status === 'waiting' && step.retryAt !== undefined) return `Retry ${step.attempts}`;
  if (step.status === 'waiting') return waitingLabel(step);
  if (step.status === 'pending' && live) return 'Queued';
  return undefined;
}

/** How far a loop got: `12 of 40, 1 failed`. */
export function progressLabel({ total, done, failed, begun }: LoopRun): string {
  const ended = done + failed;
  const count = total === undefined ? `${ended} ${ended === 1 && begun === 1 ? 'iteration' : 'iterations'}` : `${ended} of ${total}`;
  return failed > 0 ? `${count}, ${failed} failed` : count;
}

/** The state of a step in the run on the canvas, on the card's top edge. Renders with its own step only. What only undoes others never is in a queue. */
export function StatusChip({ id, undoes }: { id: string; undoes: boolean }) {
  const session = useSession();
  const step = useKeyed(session.run.steps, id);
  const loop = useKeyed(session.run.loops, id);
  const live = useStore(session.run.run, (run) => run !== undefined && run.finishedAt === undefined);
  const around = useWorkflow((workflow) => parentOf(workflow, id));
  const iteration = useKeyed(session.run.loops, around ?? '')?.state;
  const queued = live && !undoes && (around === undefined || iteration === 'running');
  if (!step || (step.status === 'pending' && !queued)) return null;
  const label = chipLabel(step, live);
  const progress = loop && progressLabel(loop);
  return (
    <span className={classes.chip}>
      <StatusBadge
        status={step.status === 'pending' ? 'queued' : step.status}
        label={progress ? [progress, step.status === 'succeeded' ? label : undefined].filter(Boolean).join(' · ') : label}
        size="sm"
      />
    </span>
  );
}
