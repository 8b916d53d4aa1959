import type { Failure, RunEvent, RunStatus, StepStatus } from '@/core/engine/events';
import type { Json } from '@/core/workflow/workflow';
import { createStore, KeyedStore } from './store';

export interface StepLog {
  at: number;
  level: string;
  message: string;
  fields?: Record<string, Json>;
}

/** One step of the run on the canvas. */
export interface StepRun {
  status: StepStatus;
  attempts: number;
  startedAt?: number;
  finishedAt?: number;
  input?: Json;
  output?: Json;
  port?: string;
  error?: Failure;
  retryAt?: number;
  until?: number;
  costUsd?: number;
  tokens?: { input: number; output: number };
  logs: StepLog[];
}

export interface RunView {
  id: string;
  status: RunStatus;
  trigger?: string;
  /** null: a test run of the draft */
  version?: number | null;
  startedAt?: number;
  finishedAt?: number;
  input?: Json;
  output?: Json;
  error?: Failure;
  costUsd: number;
  /** a model step answered without a model */
  simulated: boolean;
  lastSeq: number;
  /** by this machine's clock, until the log tells */
  queuedAt?: number;
}

const blank = (): StepRun => ({ status: 'pending', attempts: 0, logs: [] });

/** The id of the step at a path: paths carry loop indices after it. */
export const stepIdOf = (path: string): string => path.split(/[/[#]/, 1)[0] ?? path;

/** One step after one event. Pure, so that live, replayed and tested runs are the same. */
export function foldStep(step: StepRun | undefined, event: RunEvent): StepRun {
  const now = step ?? blank();
  switch (event.type) {
    case 'step.started':
      return {
        ...now,
        status: 'running',
        attempts: event.attempt,
        startedAt: now.startedAt ?? event.at,
        input: event.input,
        error: undefined,
        retryAt: undefined,
      };
    case 'step.succeeded':
      return {
        ...now,
        status: 'succeeded',
        attempts: event.attempt,
        startedAt: now.startedAt ?? event.startedAt,
        finishedAt: event.at,
        input: event.input ?? now.input,
        output: event.output,
        port: event.port,
        error: event.error,
        costUsd: event.costUsd,
        tokens: event.tokens,
        retryAt: undefined,
        until: undefined,
      };
    case 'step.failed':
      return {
        ...now,
        status: event.retryAt === undefined ? 'failed' : 'waiting',
        attempts: event.attempt,
        startedAt: now.startedAt ?? event.startedAt,
        finishedAt: event.retryAt === undefined ? event.at : undefined,
        input: event.input ?? now.input,
        error: event.error,
        retryAt: event.retryAt,
        port: event.handled === 'goto' ? 'error' : undefined,
      };
    case 'step.skipped':
      return { ...now, status: 'skipped' };
    case 'step.waiting':
      return {
        ...now,
        status: 'waiting',
        attempts: event.attempt,
        startedAt: now.startedAt ?? event.startedAt,
        until: event.until,
        input: event.input ?? now.input,
      };
    case 'step.cancelled':
      return { ...now, status: 'cancelled', finishedAt: event.at };
    case 'step.log':
      return { ...now, logs: [...now.logs, { at: event.at, level: event.level, message: event.message, fields: event.fields }].slice(-500) };
    default:
      return now;
  }
}

/** The run after one event. */
export function foldRun(run: RunView, event: RunEvent): RunView {
  const next = { ...run, lastSeq: Math.max(run.lastSeq, event.seq) };
  switch (event.type) {
    case 'run.started':
      return { ...next, status: 'running', startedAt: event.at };
    case 'run.succeeded':
      return { ...next, status: 'succeeded', output: event.output, finishedAt: event.at };
    case 'run.failed':
      return { ...next, status: 'failed', error: event.error, finishedAt: event.at };
    case 'run.cancelled':
      return { ...next, status: 'cancelled', finishedAt: event.at };
    case 'step.succeeded':
      return { ...next, costUsd: next.costUsd + (event.costUsd ?? 0), simulated: next.simulated || isSimulated(event.output) };
    case 'step.waiting':
      return next;
    default:
      return next.status === 'queued' && event.type.startsWith('step.') ? { ...next, status: 'running' } : next;
  }
}

/** The sandbox provider marks what it made up. */
export function isSimulated(output: Json | undefined): boolean {
  return output !== null && typeof output === 'object' && !Array.isArray(output) && output.simulated === true;
}

/** The run drawn on the canvas: the run itself, and each step by id. */
export class RunStore {
  readonly run = createStore<RunView | undefined>(undefined);
  readonly steps = new KeyedStore<StepRun>();

  /** Begins another run: every step is pending, so that the canvas shows what is still to come. */
  begin(run: RunView, stepIds: string[]): void {
    this.steps.replace(new Map(stepIds.map((id) => [id, blank()])));
    this.run.set(run);
  }

  apply(event: RunEvent): void {
    const run = this.run.get();
    if (!run || event.seq <= run.lastSeq) return;
    if ('path' in event) {
      const id = stepIdOf(event.path);
      this.steps.set(id, foldStep(this.steps.get(id), event));
    }
    this.run.set(foldRun(run, event));
  }

  show(run: RunView, steps: ReadonlyMap<string, StepRun>): void {
    this.steps.replace(steps);
    this.run.set(run);
  }

  clear(): void {
    this.steps.replace(new Map());
    this.run.set(undefined);
  }
}
