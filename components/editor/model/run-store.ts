import type { Failure, RunEvent, RunStatus, StepStatus } from '@/core/engine/events';
import { emptyRun, foldRun, type RunView as LogView, type StepView } from '@/core/runs/fold-run';
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

/** A step of the run's log, as components take it: what is not there is absent. */
function toStepRun(step: StepView): StepRun {
  return {
    status: step.status,
    attempts: step.attempts,
    startedAt: step.startedAt ?? undefined,
    finishedAt: step.finishedAt ?? undefined,
    input: step.input ?? undefined,
    output: step.status === 'succeeded' ? step.output : (step.output ?? undefined),
    port: step.port ?? undefined,
    error: step.error ?? undefined,
    retryAt: step.status === 'waiting' && step.error ? (step.until ?? undefined) : undefined,
    until: step.until ?? undefined,
    costUsd: step.costUsd,
    tokens: step.tokens ?? undefined,
    logs: step.logs,
  };
}

/** The sandbox provider marks what it made up. */
export function isSimulated(output: Json | undefined): boolean {
  return output !== null && typeof output === 'object' && !Array.isArray(output) && output.simulated === true;
}

/** The run drawn on the canvas: the fold of its log, as core tells it, handed out by step so that a change renders one node. */
export class RunStore {
  readonly run = createStore<RunView | undefined>(undefined);
  readonly steps = new KeyedStore<StepRun>();
  private view: LogView = emptyRun([]);

  /** Begins another run: every step is pending, so that the canvas shows what is still to come. */
  begin(run: RunView, stepIds: string[]): void {
    this.show(run, emptyRun(stepIds.map((id) => ({ id, uses: '' }))));
  }

  apply(event: RunEvent): void {
    const run = this.run.get();
    if (!run || event.seq <= run.lastSeq) return;
    const before = this.view;
    this.view = foldRun(before, [event]);
    const { status, startedAt, finishedAt, output, error, costUsd, steps } = this.view;
    steps.forEach((step, index) => {
      // of a step inside a loop the canvas shows the step itself
      if (step !== before.steps[index] && step.path === step.id) this.steps.set(step.id, toStepRun(step));
    });
    this.run.set({
      ...run,
      status,
      startedAt: startedAt ?? undefined,
      finishedAt: finishedAt ?? undefined,
      output: output ?? undefined,
      error: error ?? undefined,
      costUsd,
      simulated: run.simulated || (event.type === 'step.succeeded' && isSimulated(event.output)),
      lastSeq: event.seq,
    });
  }

  /** Shows a run that has got this far. */
  show(run: RunView, view: LogView): void {
    this.view = view;
    this.steps.replace(new Map(view.steps.filter((step) => step.path === step.id).map((step) => [step.id, toStepRun(step)])));
    this.run.set(run);
  }

  clear(): void {
    this.view = emptyRun([]);
    this.steps.replace(new Map());
    this.run.set(undefined);
  }
}
