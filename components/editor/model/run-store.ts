import type { Failure, RunEvent, RunStatus, StepStatus, WaitInfo } from '@/core/engine/events';
import { isTerminal } from '@/core/engine/events';
import { emptyRun, foldRun, type RunView as LogView, type StepView } from '@/core/runs/fold-run';
import type { Json } from '@/core/workflow/workflow';
import { type LoopRun, LoopRuns } from './loop-runs';
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
  /** what it waits for */
  wait?: WaitInfo;
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
function toStepRun(step: StepView, wait: WaitInfo | undefined): StepRun {
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
    wait: step.status === 'waiting' && !step.error ? wait : undefined,
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
  private waits = new Map<string, WaitInfo>();
  private readonly iterations: LoopRuns;

  /** `loopsOf`: the loops around a step, outermost first */
  constructor(private readonly loopsOf: (id: string) => readonly string[] = () => []) {
    this.iterations = new LoopRuns(loopsOf);
  }

  /** Begins another run: every step is pending, so that the canvas shows what is still to come. */
  begin(run: RunView, stepIds: string[]): void {
    this.show(run, emptyRun(stepIds.map((id) => ({ id, uses: '' }))));
  }

  apply(...events: RunEvent[]): void {
    const run = this.run.get();
    const fresh = run ? events.filter((event) => event.seq > run.lastSeq) : [];
    const last = fresh.at(-1);
    if (!run || !last) return;
    const before = this.view;
    this.view = foldRun(before, fresh);
    for (const event of fresh) {
      this.iterations.note(event);
      if (event.type === 'step.waiting' && event.wait) this.waits.set(event.path, event.wait);
    }
    const touched = new Set<string>();
    this.view.steps.forEach((step, index) => {
      if (step === before.steps[index]) return;
      this.paths.set(step.path, step);
      touched.add(step.id);
    });
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
    const inLoops = fresh.some((event) => 'path' in event && event.path.includes('['));
    if (inLoops || isTerminal(status)) this.refresh();
    else for (const id of touched) this.tell(id);
  }

  /** Shows a run that has got this far. */
  show(run: RunView, view: LogView): void {
    this.view = view;
    this.waits.clear();
    this.iterations.clear();
    this.paths = new Map(view.steps.map((step) => [step.path, step]));
    for (const step of view.steps) this.iterations.noteFolded(step.path, step.status, step.input);
    this.run.set(run);
    const ids = new Set(view.steps.map((step) => step.id));
    for (const id of [...this.steps.entries().keys()]) if (!ids.has(id)) this.steps.set(id, undefined);
    for (const id of [...this.loops.entries().keys()]) if (!ids.has(id)) this.loops.set(id, undefined);
    this.refresh();
  }

  /** Looks at another iteration of a loop. */
  look(loop: string, index: number): void {
    this.iterations.look(loop, index);
    this.refresh();
  }

  /** What an iteration was about: of a for-each the item of its list, of a while what the iteration before gave. */
  itemOf(loop: string, index: number): Json | undefined {
    const run = this.steps.get(loop);
    const field = (value: Json | undefined, key: string): Json | undefined =>
      value !== null && typeof value === 'object' && !Array.isArray(value) ? value[key] : undefined;
    const items = field(run?.input, 'items');
    if (Array.isArray(items)) return items[index];
    const results = field(run?.output, 'results');
    return this.iterations.resultOf(this.iterations.pathOf(loop, false) ?? loop, index - 1) ?? (Array.isArray(results) ? results[index - 1] : undefined);
  }

  clear(): void {
    this.show({ id: '', status: 'queued', costUsd: 0, simulated: false, lastSeq: 0 }, emptyRun([]));
    this.run.set(undefined);
  }

  private refresh(): void {
    for (const id of new Set(this.view.steps.map((step) => step.id))) this.tell(id);
  }

  /** Hands out what is to be seen of a step, unless nothing of it changed. */
  private tell(id: string): void {
    const ended = isTerminal(this.view.status);
    const path = this.iterations.pathOf(id, ended);
    const step = (path === undefined ? undefined : this.paths.get(path)) ?? (this.loopsOf(id).length > 0 ? pendingIn(id) : undefined);
    if (step !== this.told.get(id)) {
      this.told.set(id, step);
      this.steps.set(id, step && toStepRun(step, this.waits.get(step.path)));
    }
    const loop = this.iterations.view(id, ended);
    const known = this.loops.get(id);
    if (!loop || !known || (Object.keys({ ...loop, ...known }) as (keyof LoopRun)[]).some((key) => loop[key] !== known[key])) this.loops.set(id, loop);
  }

  private told = new Map<string, StepView | undefined>();
}

const idle = new Map<string, StepView>();

/** A step of a body in an iteration that has not got to it. */
function pendingIn(id: string): StepView | undefined {
  if (!idle.has(id)) idle.set(id, emptyRun([{ id, uses: '' }]).steps[0] as StepView);
  return idle.get(id);
}
