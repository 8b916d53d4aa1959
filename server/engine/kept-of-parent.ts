import { checkpointsToKeep, fromTheStart } from '@/core/engine/checkpoints-to-keep';
import type { RunEventBody } from '@/core/engine/events';
import type { Graph } from '@/core/engine/graph';
import { type ForkPlan, forkEvents } from '@/core/engine/plan-fork';
import { StepError } from '@/core/node/executor';
import { enginePool } from '@/server/queue/engine-pool';
import type { Lease } from './lease';
import { readRunLog } from './run-log';

export interface OfParent {
  kept: RunEventBody[];
  /** which attempt of the work this run is */
  attempt: number;
}

/**
 * What a run begins with that was made from another one: by its plan (re-run, fork, replay), else by the step it retries from. A run that keeps nothing reads no more
 * than the first event of the other one's log. Rejects with StepError when what is to be kept is no longer stored: steps that count as done must not be done twice.
 */
export async function keptOfParent(lease: Lease, parentRunId: string, graph: Graph): Promise<OfParent> {
  const { organization_id: organizationId } = lease;
  const { rows } = await enginePool().query<{ fork: string | null; first: string | null }>({
    name: 'run-fork',
    text: `SELECT fork, (SELECT data FROM run_event e WHERE e.organization_id = $1 AND e.run_id = $3 AND e.seq = 1 AND e.type = 'run.started') AS first
             FROM run WHERE organization_id = $1 AND id = $2`,
    values: [organizationId, lease.run_id, parentRunId],
  });
  const { fork = null, first = null } = rows[0] ?? {};
  const attempt = 1 + (first === null ? 0 : ((JSON.parse(first) as { attempt?: number }).attempt ?? 1));
  const plan = fork === null ? undefined : (JSON.parse(fork) as ForkPlan);
  if (plan ? plan.keep.length === 0 : lease.retry_from === fromTheStart) return { kept: [], attempt };
  const log = await readRunLog(organizationId, parentRunId);
  if (!plan) {
    if (log.length === 0)
      throw new StepError('parent_gone', 'The run that this one retries is no longer stored, so what it had done cannot be kept. Replay it instead.');
    return { kept: checkpointsToKeep(graph, log, lease.retry_from ?? undefined), attempt };
  }
  const kept = forkEvents(log, plan);
  if (kept.length < plan.keep.length) {
    throw new StepError('nothing_to_keep', 'The run that this one goes on from is no longer stored, so what it had done cannot be kept. Replay it instead.');
  }
  return { kept, attempt };
}
