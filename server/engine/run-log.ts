import type { RunEvent, RunEventBody } from '@/core/engine/events';
import type { Graph } from '@/core/engine/graph';
import { initialState } from '@/core/engine/state';
import { step } from '@/core/engine/step';
import { enginePool } from '@/server/queue/engine-pool';

/** Reads a run's whole log, in order. */
export async function readRunLog(organizationId: string, runId: string): Promise<RunEvent[]> {
  const { rows } = await enginePool().query({
    name: 'run-log',
    text: 'SELECT seq, type, path, extract(epoch FROM at)::float8 * 1000 AS at, data FROM run_event WHERE organization_id = $1 AND run_id = $2 ORDER BY seq',
    values: [organizationId, runId],
  });
  return rows.map((r) => ({ ...JSON.parse(r.data), seq: r.seq, type: r.type, at: Math.round(r.at), ...(r.path === null ? {} : { path: r.path }) }) as RunEvent);
}

/**
 * The checkpoints that a retry keeps of the run it retries: with `from`, all but that step and what comes after it; without, all that did not fail
 * for good. In the order they were made.
 */
export function checkpointsToKeep(graph: Graph, log: RunEvent[], from: string | undefined): RunEventBody[] {
  const state = initialState(graph);
  for (const event of log) step(graph, state, event);
  const again = new Set<number>();
  const mark = (index: number) => {
    if (again.has(index)) return;
    again.add(index);
    for (const edge of graph.steps[index]?.dependents ?? []) mark(edge.to);
  };
  if (from !== undefined) {
    const index = graph.indexOf.get(from);
    if (index !== undefined) mark(index);
  }
  state.steps.forEach((s, index) => {
    const handled = s.status === 'failed' && log.some((e) => e.type === 'step.failed' && e.path === graph.steps[index]?.id && e.handled);
    if (s.status !== 'succeeded' && s.status !== 'skipped' && !handled) mark(index);
  });
  const kept: RunEventBody[] = [];
  for (const event of log) {
    if (event.type !== 'step.succeeded' && event.type !== 'step.skipped' && !(event.type === 'step.failed' && event.handled)) continue;
    const index = graph.indexOf.get(event.path);
    if (index === undefined || again.has(index)) continue;
    const { seq: _seq, at: _at, ...body } = event;
    kept.push(body);
  }
  return kept;
}
