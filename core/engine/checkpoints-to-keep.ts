import type { RunEvent, RunEventBody } from './events';
import type { Graph } from './graph';
import { forkEvents, outermostStep, planFork } from './plan-fork';

/** `retry_from` of a run that keeps nothing of the run it retries. */
export const fromTheStart = '';

/**
 * The checkpoints that a retry keeps of the run it retries: with `from`, all but that step (the loop it is in) and what comes after it; without, all that did
 * not fail for good. What was undone is done again. In the order they were made.
 */
export function checkpointsToKeep({ workflow }: Graph, log: RunEvent[], from: string | undefined): RunEventBody[] {
  const { kept } = planFork(workflow, workflow, log, { from: from === undefined ? undefined : outermostStep(workflow, from) });
  return forkEvents(log, { kind: 'retry', keep: kept, upTo: Number.POSITIVE_INFINITY });
}
