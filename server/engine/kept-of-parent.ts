import { checkpointsToKeep, fromTheStart } from '@/core/engine/checkpoints-to-keep';
import type { RunEvent, RunEventBody } from '@/core/engine/events';
import type { Graph } from '@/core/engine/graph';
import { type ForkPlan, forkEvents } from '@/core/engine/plan-fork';
import { StepError } from '@/core/node/executor';
import { enginePool } from '@/server/queue/engine-pool';
import type { Lease } from './lease';

/**
 * What a run begins with that was made from another one, whose log this is: by its plan (re-run, fork, replay), else by the step it retries from.
 * Rejects when that log is gone: steps that count as done must not be done twice.
 */
export async function keptOfParent(lease: Lease, graph: Graph, log: RunEvent[]): Promise<RunEventBody[]> {
  const { rows } = await enginePool().query<{ fork: string | null }>({
    name: 'run-fork',
    text: 'SELECT fork FROM run WHERE organization_id = $1 AND id = $2',
    values: [lease.organization_id, lease.run_id],
  });
  const plan = rows[0]?.fork ? (JSON.parse(rows[0].fork) as ForkPlan) : undefined;
  if (!plan) return lease.retry_from === fromTheStart ? [] : checkpointsToKeep(graph, log, lease.retry_from ?? undefined);
  const kept = forkEvents(log, plan);
  if (kept.length < plan.keep.length) {
    throw new StepError('nothing_to_keep', 'The run that this one goes on from is no longer stored, so what it had done cannot be kept. Replay it instead.');
  }
  return kept;
}
