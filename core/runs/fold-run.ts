import type { Failure, RunEvent, RunStatus, StepStatus, WaitInfo } from '@/core/engine/events';
import type { Json } from '@/core/workflow/workflow';

/** A step of a run as people and programs see it. A step inside a loop has its own path. */
export interface StepView {
  id: string;
  path: string;
  title: string;
  /** node type */
  type: string;
  status: StepStatus;
  attempts: number;
  /** ms since the epoch, here and below */
  startedAt: number | null;
  finishedAt: number | null;
  /** while it waits: when it goes on */
  until: number | null;
  /** while it waits for somebody or something: what for */
  wait: StepWait | null;
  input: Json | null;
  output: Json | null;
  error: Failure | null;
  /** the port it left by */
  port: string | null;
  costUsd: number;
  tokens: { input: number; output: number } | null;
  logs: { at: number; level: string; message: string; fields?: Record<string, Json> }[];
}

export interface StepWait {
  kind: WaitInfo['kind'];
  signal: string | null;
  details: Json;
}

export interface RunView {
  status: RunStatus;
  startedAt: number | null;
  finishedAt: number | null;
  output: Json | null;
  error: Failure | null;
  costUsd: number;
  /** seq of the last event folded in */
  seq: number;
  cancelRequested: boolean;
  /** in the order of the workflow, pending ones too */
  steps: StepView[];
}

/** The view of a run before its first event. */
export function emptyRun(steps: readonly { id: string; title?: string; uses: string }[]): RunView {
  return {
    status: 'queued',
    startedAt: null,
    finishedAt: null,
    output: null,
    error: null,
    costUsd: 0,
    seq: 0,
    cancelRequested: false,
    steps: steps.map((s) => emptyStep(s.id, s.id, s.uses, s.title)),
  };
}

function emptyStep(id: string, path: string, type: string, title = id): StepView {
  return {
    id,
    path,
    title,
    type,
    status: 'pending',
    attempts: 0,
    startedAt: null,
    finishedAt: null,
    until: null,
    wait: null,
    input: null,
    output: null,
    error: null,
    port: null,
    costUsd: 0,
    tokens: null,
    logs: [],
  };
}

/** The id of the step at a path: inside a loop, the loop's index follows it. */
const stepIdOf = (path: string): string => path.split(/[[./]/, 1)[0] ?? path;

/** of one step, the newest: code that logs in a loop must not fill the page's memory */
const mostLogs = 500;

/** Folds events into a view: pure, so that a page can go on from what the server sent. An event already folded in is passed over. */
export function foldRun(view: RunView, events: readonly RunEvent[]): RunView {
  const next: RunView = { ...view, steps: [...view.steps] };
  const index = new Map(next.steps.map((s, i) => [s.path, i]));
  for (const event of events) {
    if (event.seq <= next.seq) continue;
    next.seq = event.seq;
    if ('path' in event) {
      let i = index.get(event.path);
      if (i === undefined) {
        const id = stepIdOf(event.path);
        const base = next.steps.find((s) => s.id === id);
        i = next.steps.push(emptyStep(id, event.path, base?.type ?? 'pass', base?.title)) - 1;
        index.set(event.path, i);
      }
      const step = foldStep(next.steps[i] as StepView, event);
      next.costUsd += step.costUsd - (next.steps[i] as StepView).costUsd;
      next.steps[i] = step;
      if (next.status === 'queued' || next.status === 'waiting') next.status = 'running';
      if (event.type === 'step.waiting' && !next.steps.some((s) => s.status === 'running')) next.status = 'waiting';
    } else foldWhole(next, event);
  }
  return next;
}

function foldWhole(run: RunView, event: Exclude<RunEvent, { path: string }>): void {
  switch (event.type) {
    case 'run.started':
      run.status = 'running';
      run.startedAt ??= event.at;
      return;
    case 'run.cancel_requested':
      run.cancelRequested = true;
      return;
    case 'run.paused':
      run.status = 'waiting';
      return;
    case 'run.resumed':
      run.status = 'running';
      return;
    case 'run.compensating':
    case 'signal.received':
      return;
    case 'run.succeeded':
      run.output = event.output;
      break;
    case 'run.failed':
      run.error = event.error;
      break;
    case 'run.cancelled':
      break;
  }
  run.status = event.type.slice(4) as RunStatus;
  run.finishedAt = event.at;
  // what was in flight when the run ended did not end by itself
  run.steps = run.steps.map((s) =>
    s.status === 'running' || s.status === 'waiting' ? { ...s, status: 'cancelled', until: null, wait: null, finishedAt: event.at } : s,
  );
}

function foldStep(step: StepView, event: Extract<RunEvent, { path: string }>): StepView {
  switch (event.type) {
    case 'step.started':
      return {
        ...step,
        status: 'running',
        attempts: event.attempt,
        startedAt: step.startedAt ?? event.at,
        until: null,
        wait: null,
        input: event.input,
        error: null,
      };
    case 'step.succeeded':
      return {
        ...step,
        status: 'succeeded',
        attempts: event.attempt,
        startedAt: step.startedAt ?? event.startedAt,
        finishedAt: event.at,
        until: null,
        wait: null,
        input: event.input ?? step.input,
        output: event.output,
        error: event.error ?? null,
        port: event.port ?? null,
        costUsd: event.costUsd ?? 0,
        tokens: event.tokens ?? null,
      };
    case 'step.failed':
      return {
        ...step,
        status: event.retryAt === undefined ? 'failed' : 'waiting',
        attempts: event.attempt,
        startedAt: step.startedAt ?? event.startedAt,
        finishedAt: event.retryAt === undefined ? event.at : null,
        until: event.retryAt ?? null,
        wait: null,
        input: event.input ?? step.input,
        error: event.error,
        port: event.handled === 'goto' ? 'error' : null,
      };
    case 'step.skipped':
      return { ...step, status: 'skipped', finishedAt: event.at };
    case 'step.waiting':
      return {
        ...step,
        status: 'waiting',
        attempts: event.attempt,
        startedAt: step.startedAt ?? event.startedAt,
        until: event.until ?? null,
        wait: event.wait ? { kind: event.wait.kind, signal: event.wait.signal ?? null, details: event.wait.details ?? null } : null,
        input: event.input ?? step.input,
        error: null,
      };
    case 'step.cancelled':
      return { ...step, status: 'cancelled', finishedAt: event.at, until: null, wait: null };
    case 'item.started':
    case 'item.succeeded':
    case 'item.failed':
      return step;
    case 'step.log': {
      const { at, level, message, fields } = event;
      return { ...step, logs: [...step.logs, fields ? { at, level, message, fields } : { at, level, message }].slice(-mostLogs) };
    }
  }
}
