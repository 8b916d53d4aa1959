import { type Failure, isTerminal, type RunEvent, type RunStatus, type StepStatus } from '@/core/engine/events';
import { emptyRun, foldRun, type RunView as LogView, type StepView, type StepWait } from '@/core/runs/fold-run';
import type { Json } from '@/core/workflow/workflow';
import { Looking, type LoopRun } from './loop-runs';
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
  kept?: true | undefined;
  error?: Failure;
  retryAt?: number;
  until?: number;
  /** what it waits for */
  wait?: StepWait;
  /** the run of another workflow that it started */
  childRunId?: string;
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
    kept: step.kept,
    error: step.error ?? undefined,
    retryAt: step.status === 'waiting' && step.error ? (step.until ?? undefined) : undefined,
    until: step.until ?? undefined,
    wait: step.wait ?? undefined,
    childRunId: step.childRunId ?? undefined,
    costUsd: step.costUsd,
    tokens: step.tokens ?? undefined,
    logs: step.logs,
  };
}

/** The sandbox provider marks what it made up. */
export function isSimulated(output: Json | undefined): boolean {
  return output !== null && typeof output === 'object' && !Array.isArray(output) && output.simulated === true;
}

/**
 * The run drawn on the canvas: the fold of its log, as core tells it, handed out by step so that a change renders one node. A step inside a loop is
 * shown as it was in the iteration being looked at.
 */
export class RunStore {
  readonly run = createStore<RunView | undefined>(undefined);
  readonly steps = new KeyedStore<StepRun>();
  /** by the loop's id */
  readonly loops = new KeyedStore<LoopRun>();
  private view: LogView = emptyRun([]);
  private paths = new Map<string, StepView>();
  private told = new Map<string, StepView | undefined>();
  private readonly looking = new Looking(
    (path) => this.paths.get(path),
    (id) => this.view.bodies[id]?.loops ?? [],
    () => isTerminal(this.view.status),
  );

  /** Begins another run: every step is pending, so that the canvas shows what is still to come. */
  begin(run: RunView, steps: Parameters<typeof emptyRun>[0]): void {
    this.show(run, emptyRun(steps));
  }

  apply(...events: RunEvent[]): void {
    const run = this.run.get();
    const fresh = run ? events.filter((event) => event.seq > run.lastSeq) : [];
    const last = fresh.at(-1);
    if (!run || !last) return;
    this.view = foldRun(this.view, fresh);
    const { status, startedAt, finishedAt, output, error, costUsd } = this.view;
    this.run.set({
      ...run,
      status,
      startedAt: startedAt ?? undefined,
      finishedAt: finishedAt ?? undefined,
      output: output ?? undefined,
      error: error ?? undefined,
      costUsd,
      simulated: run.simulated || fresh.some((event) => event.type === 'step.succeeded' && isSimulated(event.output)),
      lastSeq: last.seq,
    });
    this.refresh();
  }

  /** Shows a run that has got this far. */
  show(run: RunView, view: LogView): void {
    this.view = view;
    this.looking.forget();
    this.told.clear();
    const known = new Set([...view.steps.map((step) => step.id), ...Object.keys(view.bodies)]);
    for (const store of [this.steps, this.loops]) for (const id of [...store.entries().keys()]) if (!known.has(id)) store.set(id, undefined);
    this.run.set(run);
    this.refresh();
  }

  /** Looks at another iteration of a loop. */
  look(loop: string, index: number): void {
    this.looking.choose(loop, index);
    this.refresh();
  }

  /** What an iteration was about: of a for-each the item of its list, of a while what the iteration before gave. */
  itemOf(loop: string, index: number): Json | undefined {
    const path = this.looking.pathOf(loop);
    const step = path === undefined ? undefined : this.paths.get(path);
    const { input } = step ?? {};
    const items = input !== null && typeof input === 'object' && !Array.isArray(input) ? input.items : undefined;
    if (Array.isArray(items)) return items[index];
    return step?.loop?.items.find((item) => item.index === index - 1)?.output ?? undefined;
  }

  clear(): void {
    this.show({ id: '', status: 'queued', costUsd: 0, simulated: false, lastSeq: 0 }, emptyRun([]));
    this.run.set(undefined);
  }

  /** Hands out what is to be seen of each step, unless nothing of it changed. */
  private refresh(): void {
    this.paths = new Map(this.view.steps.map((step) => [step.path, step]));
    const inside = Object.keys(this.view.bodies);
    for (const id of new Set([...this.view.steps.map((step) => step.id), ...inside])) {
      const path = this.looking.pathOf(id);
      const step = (path === undefined ? undefined : this.paths.get(path)) ?? idle(id);
      if (step !== this.told.get(id)) {
        this.told.set(id, step);
        this.steps.set(id, toStepRun(step));
      }
      const loop = this.looking.view(id);
      if (!same(loop, this.loops.get(id))) this.loops.set(id, loop);
    }
  }
}

function same(a: LoopRun | undefined, b: LoopRun | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && (Object.keys(a) as (keyof LoopRun)[]).every((key) => a[key] === b[key]));
}

const idles = new Map<string, StepView>();

/** A step of a body in an iteration that has not got to it. */
function idle(id: string): StepView {
  const known = idles.get(id) ?? (emptyRun([{ id, uses: '' }]).steps[0] as StepView);
  idles.set(id, known);
  return known;
}
