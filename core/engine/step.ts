import { type Command, launchRoots } from './commands';
import { beginUndoing, undoNext } from './compensation';
import type { RunEvent, RunEventBody } from './events';
import type { GraphEdge } from './graph';
import { beginLoop, itemEnded, itemStarted } from './loop';
import { type Place, pathOf, placeOf } from './path';
import { type Frame, isSettled, type RunState, type Signal, type StepState } from './state';

/** Signals kept for waits that have not begun; more are dropped. */
const mostSignals = 1_000;

/**
 * Applies one event to the state, in place, and returns what is to be done next. Pure otherwise: no clock, no I/O, the same events give the same
 * state and commands. After replaying a log (ignoring the commands), `outstanding` says what is to be done.
 */
export function step(state: RunState, event: RunEvent): Command[] {
  state.seq = event.seq;
  switch (event.type) {
    case 'step.started':
    case 'step.succeeded':
    case 'step.failed':
    case 'step.skipped':
    case 'step.waiting':
    case 'step.cancelled':
      return stepEvent(state, event);
    case 'item.started':
      return itemStarted(state, event.path);
    case 'item.succeeded':
    case 'item.failed':
      return itemEnded(state, event);
    case 'step.log':
      return [];
    default:
      return runEvent(state, event);
  }
}

type RunLevel = Exclude<RunEventBody, { path: string }> & { at: number };

function runEvent(state: RunState, event: RunLevel): Command[] {
  if ('mail' in event && event.mail) state.mails.add(event.mail);
  switch (event.type) {
    case 'run.started':
      state.status = 'running';
      state.startedAt = event.at;
      return state.unsettled === 0 ? [{ do: 'finish' }] : launchRoots(state);
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
      endPause(state, event.at);
      // what is being undone is undone to its end
      if (state.undoing) return [];
      state.cancelRequested = true;
      return [{ do: 'finish' }];
    case 'run.paused':
      if (!state.undoing) state.pausedAt ??= event.at;
      return [];
    case 'run.resumed':
      endPause(state, event.at);
      return [];
    case 'run.compensating':
      return beginUndoing(state, event.error);
    case 'signal.received':
      return received(state, event);
  }
}

/** Time limits do not count a pause. */
function endPause(state: RunState, at: number): void {
  if (state.pausedAt === undefined) return;
  const paused = at - state.pausedAt;
  state.pausedMs += paused;
  state.pausedAt = undefined;
  const shift = (frame: Frame): void => {
    for (const s of frame.steps) {
      if (s.limitAt !== undefined) s.limitAt += paused;
      for (const inner of s.loop?.frames.values() ?? []) shift(inner);
    }
  };
  shift(state);
}

/** A signal ends the wait that asks for it; before that it is kept. */
function received(state: RunState, { name, data, port, error }: Signal): Command[] {
  const signal: Signal = { name, data, ...(port === undefined ? {} : { port }), ...(error === undefined ? {} : { error }) };
  for (const { frame, index } of state.waits.values()) {
    const current = frame.steps[index] as StepState;
    if (current.wait?.signal !== name || current.delivered) continue;
    current.delivered = signal;
    return [{ do: 'deliver', frame, index }];
  }
  const kept = state.signals.get(name) ?? [];
  if (kept.length < mostSignals) kept.push(signal);
  if (state.signals.size < mostSignals) state.signals.set(name, kept);
  return [];
}

type StepEvent = Extract<RunEvent, { type: 'step.started' | 'step.succeeded' | 'step.failed' | 'step.skipped' | 'step.waiting' | 'step.cancelled' }>;

function stepEvent(state: RunState, event: StepEvent): Command[] {
  const place = state.undoing ? undoPlace(state, event.path) : placeOf(state, event.path);
  const current = place?.frame.steps[place.index];
  if (!place || !current || isSettled(current)) return []; // of an older definition, or told twice
  const { frame, index } = place;
  switch (event.type) {
    case 'step.started':
      setActive(frame, current, true);
      current.status = 'running';
      current.attempt = event.attempt;
      current.dueAt = undefined;
      return frame.graph.steps[index]?.body ? startContainer(place, current, event) : [];
    case 'step.waiting':
      return waiting(state, place, current, event);
    case 'step.succeeded':
      current.attempt = event.attempt;
      current.output = event.output;
      current.port = event.port;
      current.error = event.error;
      state.costUsd += event.costUsd ?? 0;
      if (event.respond) state.respond = event.respond;
      if (frame.graph.steps[index]?.undoneBy !== undefined && !event.kept) state.done.push({ frame, index, output: event.output });
      return settle(state, place, 'succeeded');
    case 'step.failed':
      return failed(state, place, current, event);
    case 'step.skipped':
      return settle(state, place, 'skipped');
    case 'step.cancelled':
      return settle(state, place, 'cancelled');
  }
}

function startContainer({ frame, index }: Place, current: StepState, event: Extract<RunEvent, { type: 'step.started' }>): Command[] {
  const limit = frame.graph.steps[index]?.timeout;
  current.limitAt = limit === undefined ? undefined : event.at + limit;
  const commands = beginLoop(frame, index, event.input, event.at);
  if (current.limitAt !== undefined) commands.unshift({ do: 'limit', frame, index, at: current.limitAt });
  return commands;
}

/** While a run undoes what it did, its iterations are gone: the one step under way is known. */
function undoPlace(state: RunState, path: string): Place | undefined {
  const current = state.undoing?.current;
  const index = current?.frame.graph.steps[current.index]?.undoneBy;
  if (!current || index === undefined) return undefined;
  return pathOf(current.frame, index) === path ? { frame: current.frame, index } : undefined;
}

function waiting(state: RunState, { frame, index }: Place, current: StepState, event: Extract<RunEvent, { type: 'step.waiting' }>): Command[] {
  setActive(frame, current, true);
  current.status = 'waiting';
  current.attempt = event.attempt;
  current.dueAt = event.until;
  current.wait = event.wait;
  state.waits.set(event.path, { frame, index });
  const name = event.wait?.signal;
  const kept = name === undefined ? undefined : state.signals.get(name);
  const signal = kept?.shift();
  if (kept?.length === 0) state.signals.delete(name as string);
  if (signal) {
    current.delivered = signal;
    return [{ do: 'deliver', frame, index }];
  }
  return event.until === undefined ? [] : [{ do: 'wake', frame, index, at: event.until }];
}

function failed(state: RunState, place: Place, current: StepState, event: Extract<RunEvent, { type: 'step.failed' }>): Command[] {
  const { frame, index } = place;
  current.attempt = event.attempt;
  current.error = event.error;
  if (event.retryAt !== undefined) {
    leaveWait(state, event.path, current);
    current.loop = undefined;
    current.limitAt = undefined;
    if (event.version !== undefined) current.variant = event.version;
    setActive(frame, current, true);
    current.status = 'running';
    current.dueAt = event.retryAt;
    return [{ do: 'wake', frame, index, at: event.retryAt }];
  }
  if (event.handled === 'goto') current.port = 'error';
  if (event.handled === 'skip') return settle(state, place, 'skipped');
  if (!event.handled && !state.undoing) {
    frame.failure ??= { ...event.error, step: event.error.step ?? event.path };
    if (frame.graph.steps[index]?.onError.kind === 'compensate') state.undoWanted = true;
  }
  return settle(state, place, 'failed');
}

/** Ends a step and passes the news to its dependents. */
function settle(state: RunState, { frame, index }: Place, status: 'succeeded' | 'failed' | 'skipped' | 'cancelled'): Command[] {
  const current = frame.steps[index] as StepState;
  const node = frame.graph.steps[index];
  if (!node) return [];
  if (current.wait || current.status === 'waiting') leaveWait(state, pathOf(frame, index), current);
  setActive(frame, current, false);
  current.status = status;
  current.dueAt = undefined;
  current.loop = undefined;
  current.limitAt = undefined;
  if (state.undoing) return undoNext(state, status === 'succeeded');
  frame.unsettled--;
  frame.view[node.id] = { output: current.output, status, error: current.error ?? null };
  if (frame.failure || state.cancelRequested) return frame.parent ? [{ do: 'endItem', frame }] : frame.active === 0 ? [{ do: 'finish' }] : [];
  const commands: Command[] = [];
  for (const edge of node.dependents) advance(frame, edge, current, commands);
  if (frame.unsettled === 0) commands.push(frame.parent ? { do: 'endItem', frame } : { do: 'finish' });
  return commands;
}

/** One dependency of a step has settled. */
function advance(frame: Frame, edge: GraphEdge, source: StepState, commands: Command[]): void {
  const dependent = frame.steps[edge.to] as StepState;
  const need = frame.graph.steps[edge.to]?.need;
  dependent.pending--;
  if (isActive(edge, source)) {
    dependent.activated++;
    if (need !== undefined && !dependent.launched) {
      dependent.arrived ??= [];
      dependent.arrived.push(edge.from);
    }
  }
  if (dependent.launched) return;
  const enough = need === undefined ? dependent.pending === 0 && dependent.activated > 0 : dependent.activated >= need;
  if (!enough && dependent.pending > 0) return;
  dependent.launched = true;
  commands.push(enough ? { do: 'execute', frame, index: edge.to, attempt: 1 } : { do: 'skip', frame, index: edge.to });
}

function leaveWait(state: RunState, path: string, current: StepState): void {
  state.waits.delete(path);
  current.wait = undefined;
  current.delivered = undefined;
}

/** Whether an edge carries the run on, its source having settled. */
export function isActive(edge: GraphEdge, source: StepState): boolean {
  if (source.status === 'succeeded') return edge.port === undefined || edge.port === source.port;
  // failed with `continue` goes on by its plain edges, with `goto` only by the error edge
  return source.status === 'failed' && (edge.port === 'error' ? source.port === 'error' : edge.port === undefined && source.port !== 'error');
}

function setActive(frame: Frame, s: StepState, active: boolean): void {
  const was = s.status === 'running' || s.status === 'waiting';
  if (was !== active) frame.active += active ? 1 : -1;
}
