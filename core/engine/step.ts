import type { RunEvent } from './events';
import type { Graph, GraphEdge } from './graph';
import type { RunState, StepState } from './state';

/** What the interpreter asks of its host. Every answer comes back as an event. */
export type Command =
  | { do: 'execute'; step: number; attempt: number }
  /** log `step.skipped`: none of its dependencies was active */
  | { do: 'skip'; step: number }
  /** execute again, or end the wait, at this time (ms since the epoch) */
  | { do: 'wake'; step: number; at: number }
  /** all steps have settled, or one failed for good, or the run was cancelled: log the end of the run */
  | { do: 'finish' };

/**
 * Applies one event to the state, in place, and returns what is to be done next. Pure otherwise: no clock, no I/O, the same events give the same
 * state and commands. After replaying a log (ignoring the commands), `outstanding` says what is to be done.
 */
export function step(graph: Graph, state: RunState, event: RunEvent): Command[] {
  state.seq = event.seq;
  switch (event.type) {
    case 'run.started':
      state.status = 'running';
      state.startedAt = event.at;
      return graph.steps.length === 0 ? [{ do: 'finish' }] : graph.roots.map((index) => ({ do: 'execute', step: index, attempt: 1 }));
    case 'run.succeeded':
      state.status = 'succeeded';
      return [];
    case 'run.failed':
      state.status = 'failed';
      return [];
    case 'run.cancelled':
      state.status = 'cancelled';
      return [];
    case 'run.cancel_requested':
      state.cancelRequested = true;
      return [{ do: 'finish' }];
    case 'step.log':
    case 'item.started':
    case 'item.succeeded':
    case 'item.failed':
    case 'signal.received':
    case 'run.paused':
    case 'run.resumed':
    case 'run.compensating':
      return [];
    default:
      return stepEvent(graph, state, event);
  }
}

type StepEvent = Extract<RunEvent, { type: 'step.started' | 'step.succeeded' | 'step.failed' | 'step.skipped' | 'step.waiting' | 'step.cancelled' }>;

function stepEvent(graph: Graph, state: RunState, event: StepEvent): Command[] {
  const index = graph.indexOf.get(event.path);
  const current = index === undefined ? undefined : state.steps[index];
  if (index === undefined || !current || isSettled(current)) return []; // of an older definition, or told twice
  switch (event.type) {
    case 'step.started':
      setActive(state, current, true);
      current.status = 'running';
      current.attempt = event.attempt;
      current.dueAt = undefined;
      return [];
    case 'step.waiting':
      setActive(state, current, true);
      current.status = 'waiting';
      current.attempt = event.attempt;
      current.dueAt = event.until;
      return event.until === undefined ? [] : [{ do: 'wake', step: index, at: event.until }];
    case 'step.succeeded':
      current.attempt = event.attempt;
      current.output = event.output;
      current.port = event.port;
      current.error = event.error;
      state.costUsd += event.costUsd ?? 0;
      if (event.respond) state.respond = event.respond;
      return settle(graph, state, index, 'succeeded');
    case 'step.failed':
      return failed(graph, state, index, event);
    case 'step.skipped':
      return settle(graph, state, index, 'skipped');
    case 'step.cancelled':
      return settle(graph, state, index, 'cancelled');
  }
}

function failed(graph: Graph, state: RunState, index: number, event: Extract<RunEvent, { type: 'step.failed' }>): Command[] {
  const current = state.steps[index] as StepState;
  current.attempt = event.attempt;
  current.error = event.error;
  if (event.retryAt !== undefined) {
    setActive(state, current, true);
    current.status = 'running';
    current.dueAt = event.retryAt;
    return [{ do: 'wake', step: index, at: event.retryAt }];
  }
  if (event.handled === 'goto') current.port = 'error';
  if (!event.handled) state.failure ??= { ...event.error, step: event.path };
  return settle(graph, state, index, 'failed');
}

/** Ends a step and passes the news to its dependents. */
function settle(graph: Graph, state: RunState, index: number, status: 'succeeded' | 'failed' | 'skipped' | 'cancelled'): Command[] {
  const current = state.steps[index] as StepState;
  setActive(state, current, false);
  current.status = status;
  current.dueAt = undefined;
  state.unsettled--;
  const node = graph.steps[index];
  if (!node) return [];
  state.view[node.id] = { output: current.output, status, error: current.error ?? null };
  if (state.failure || state.cancelRequested) return state.active === 0 ? [{ do: 'finish' }] : [];
  const commands: Command[] = [];
  for (const edge of node.dependents) {
    const dependent = state.steps[edge.to] as StepState;
    dependent.pending--;
    if (isActive(edge, current)) dependent.activated++;
    if (dependent.pending === 0) commands.push(dependent.activated > 0 ? { do: 'execute', step: edge.to, attempt: 1 } : { do: 'skip', step: edge.to });
  }
  if (state.unsettled === 0) commands.push({ do: 'finish' });
  return commands;
}

/** Whether an edge carries the run on, its source having settled. */
export function isActive(edge: GraphEdge, source: StepState): boolean {
  if (source.status === 'succeeded') return edge.port === undefined || edge.port === source.port;
  // failed with `continue` goes on by its plain edges, with `goto` only by the error edge
  return source.status === 'failed' && (edge.port === 'error' ? source.port === 'error' : edge.port === undefined && source.port !== 'error');
}

export function isSettled(s: StepState): boolean {
  return s.status === 'succeeded' || s.status === 'failed' || s.status === 'skipped' || s.status === 'cancelled';
}

function setActive(state: RunState, s: StepState, active: boolean): void {
  const was = s.status === 'running' || s.status === 'waiting';
  if (was !== active) state.active += active ? 1 : -1;
}

/** What is to be done in a state that was rebuilt from a log: what was in flight at the crash is executed again, under the same key. */
export function outstanding(graph: Graph, state: RunState): Command[] {
  if (state.status === 'succeeded' || state.status === 'failed' || state.status === 'cancelled' || state.seq === 0) return [];
  if (state.cancelRequested || state.failure || state.unsettled === 0) return [{ do: 'finish' }];
  const commands: Command[] = [];
  state.steps.forEach((s, index) => {
    if (s.dueAt !== undefined) commands.push({ do: 'wake', step: index, at: s.dueAt });
    else if (s.status === 'running') commands.push({ do: 'execute', step: index, attempt: s.attempt });
    else if (s.status === 'pending' && s.pending === 0)
      commands.push(
        s.activated > 0 || graph.steps[index]?.dependencies.length === 0 ? { do: 'execute', step: index, attempt: 1 } : { do: 'skip', step: index },
      );
  });
  return commands;
}
