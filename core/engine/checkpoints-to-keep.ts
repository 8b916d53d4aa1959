import type { RunEvent, RunEventBody } from './events';
import type { Graph } from './graph';
import { initialState } from './state';
import { step } from './step';

/** `retry_from` of a run that keeps nothing of the run it retries. */
export const fromTheStart = '';

/**
 * The checkpoints that a retry keeps of the run it retries: with `from`, all but that step and what comes after it; without, all that did not fail
 * for good. In the order they were made.
 */
export function checkpointsToKeep(graph: Graph, log: RunEvent[], from: string | undefined): RunEventBody[] {
  const state = initialState(graph);
  for (const event of log) step(state, event);
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
    const undone = state.undoing?.undone.includes(graph.steps[index]?.id ?? '');
    if (undone || (s.status !== 'succeeded' && s.status !== 'skipped' && !handled)) mark(index);
  });
  const kept: RunEventBody[] = [];
  for (const event of log) {
    if (event.type !== 'step.succeeded' && event.type !== 'step.skipped' && !(event.type === 'step.failed' && event.handled && event.retryAt === undefined))
      continue;
    const index = graph.indexOf.get(event.path);
    if (index === undefined || again.has(index)) continue;
    kept.push(withoutCost(event));
  }
  return kept;
}

/** The parent paid for it. */
function withoutCost(event: RunEvent): RunEventBody {
  const { seq: _seq, at: _at, ...body } = event;
  if (body.type !== 'step.succeeded') return body;
  const { costUsd: _cost, tokens: _tokens, ...free } = body;
  return free;
}
