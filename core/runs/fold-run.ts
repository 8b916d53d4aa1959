import type { Failure, RunEvent, RunStatus, StepStatus, WaitInfo } from '@/core/engine/events';
import type { Json } from '@/core/workflow/workflow';
import { foldStep } from './fold-step';
import { type BodySteps, bodySteps, emptyLoop, endItem, enterItem, itemsAround, type LoopView, splitItem, stopLoop, tidyLoop, totalOf } from './loop-view';

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
  /** the run of another workflow that it started */
  childRunId: string | null;
  input: Json | null;
  output: Json | null;
  error: Failure | null;
  /** the port it left by */
  port: string | null;
  /** its result came from the run that this one was made from: its times are that run's */
  kept?: true;
  costUsd: number;
  tokens: { input: number; output: number } | null;
  logs: { at: number; level: string; message: string; fields?: Record<string, Json> }[];
  /** of a loop that has begun: its iterations; the steps of those it keeps stand in the run's steps, by their paths */
  loop: LoopView | null;
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
  /** while somebody halts it: since when, and who */
  paused: { at: number; by: string | null } | null;
  /** completed steps are being undone */
  compensating: boolean;
  /** in the order of the workflow, pending ones too; then those inside loops, as they come */
  steps: StepView[];
  /** the steps inside loops, by id */
  bodies: BodySteps;
}

/** The view of a run before its first event. */
export function emptyRun(steps: Parameters<typeof bodySteps>[0]): RunView {
  return {
    status: 'queued',
    startedAt: null,
    finishedAt: null,
    output: null,
    error: null,
    costUsd: 0,
    seq: 0,
    cancelRequested: false,
    paused: null,
    compensating: false,
    bodies: bodySteps(steps),
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
    childRunId: null,
    input: null,
    output: null,
    error: null,
    port: null,
    costUsd: 0,
    tokens: null,
    logs: [],
    loop: null,
  };
}

/** The id of the step at a path: inside a loop, the loop's index follows it. */
const stepIdOf = (path: string): string => path.split(/[[./]/, 1)[0] ?? path;

/** Steps of loops that a view holds at most when it does not know which loop they are in. */
const mostRows = 2_000;

/** Folds events into a view: pure, so that a page can go on from what the server sent. An event already folded in is passed over. */
export function foldRun(view: RunView, events: readonly RunEvent[]): RunView {
  const next: RunView = { ...view, steps: [...view.steps] };
  const fold = new Fold(next);
  for (const event of events) {
    if (event.seq <= next.seq) continue;
    next.seq = event.seq;
    if (!('path' in event)) {
      foldWhole(next, event);
      fold.reindex();
    } else fold.add(event);
  }
  if (next.paused === null && (next.status === 'running' || next.status === 'waiting')) next.status = statusBySteps(next.steps);
  return next;
}

/** A run waits when some step does (for more than its next try) and none works; a loop works in its iterations. */
function statusBySteps(steps: readonly StepView[]): RunStatus {
  const working = steps.some((s) => s.status === 'running' && !s.loop);
  return !working && steps.some((s) => s.status === 'waiting' && s.error === null) ? 'waiting' : 'running';
}

type PathEvent = Extract<RunEvent, { path: string }>;

/** Whether a result was copied from another run: forks say so, of retries it is older than the run. */
function isKept(event: PathEvent, runStartedAt: number | null): boolean {
  if (event.type !== 'step.succeeded' && event.type !== 'step.failed') return false;
  return (event.type === 'step.succeeded' && event.kept === true) || (runStartedAt !== null && event.startedAt < runStartedAt);
}

/** One call of foldRun: loops are copied when they first change, and changed in place from then on. */
class Fold {
  private index = new Map<string, number>();
  private readonly own = new Set<LoopView>();

  constructor(private readonly run: RunView) {
    this.reindex();
  }

  reindex(): void {
    this.index = new Map(this.run.steps.map((s, i) => [s.path, i]));
  }

  add(event: PathEvent): void {
    const { run } = this;
    if (event.type === 'item.started' || event.type === 'item.succeeded' || event.type === 'item.failed') return this.addItem(event);
    const around = event.path.includes('[') ? itemsAround(run.bodies, event.path) : [];
    for (const { loop, index } of around ?? []) {
      const view = this.loopAt(loop);
      if (view && !enterItem(view, index, event.at)) return; // of an iteration that is only counted
    }
    const i = this.place(event.path);
    const was = run.steps[i] as StepView;
    const step = foldStep(was, event);
    if (isKept(event, run.startedAt)) step.kept = true;
    if (event.type === 'step.started' && step.attempts > was.attempts && was.loop) this.begin(step, event.input);
    else if (event.type === 'step.started' && totalOf(event.input) !== null && this.isLoop(step)) step.loop = emptyLoop(totalOf(event.input));
    run.costUsd += step.costUsd - was.costUsd;
    // a loop that has ended has no iteration under way
    run.steps[i] = step.loop && step.status !== 'running' && step.status !== 'waiting' ? { ...step, loop: stopLoop(step.loop, event.at) } : step;
    if (run.paused) return;
    if (run.status === 'queued') run.status = 'running';
  }

  private addItem(event: Extract<PathEvent, { type: `item.${string}` }>): void {
    const { loop: path, index } = splitItem(event.path);
    const loop = this.loopAt(path);
    if (!loop || !enterItem(loop, index, event.at) || event.type === 'item.started') return;
    endItem(loop, index, event);
    if (tidyLoop(loop)) this.forget(path, loop);
  }

  /** The loop of the step at a path, to be changed; undefined when there is no such step. */
  private loopAt(path: string): LoopView | undefined {
    const i = this.index.get(path) ?? (path.includes('[') && itemsAround(this.run.bodies, path) ? this.place(path) : undefined);
    const step = i === undefined ? undefined : this.run.steps[i];
    if (i === undefined || !step) return undefined;
    if (step.loop && this.own.has(step.loop)) return step.loop;
    const loop = step.loop ? { ...step.loop, items: [...step.loop.items] } : emptyLoop(totalOf(step.input ?? undefined));
    this.own.add(loop);
    this.run.steps[i] = { ...step, loop };
    return loop;
  }

  private isLoop(step: StepView): boolean {
    return Object.values(this.run.bodies).some((b) => b.loops.includes(step.id));
  }

  /** The step at a path; a new row when it has none. */
  private place(path: string): number {
    const { run } = this;
    let i = this.index.get(path);
    if (i !== undefined) return i;
    const id = stepIdOf(path);
    const body = run.bodies[id];
    const base = body ?? run.steps.find((s) => s.id === id);
    if (!body && path.includes('[') && run.steps.length > mostRows) this.dropOldest();
    i = run.steps.push(emptyStep(id, path, base?.type ?? 'pass', base?.title)) - 1;
    this.index.set(path, i);
    return i;
  }

  /** A loop is tried again: its iterations begin anew. */
  private begin(step: StepView, input: Json): void {
    step.loop = emptyLoop(totalOf(input));
    this.forget(step.path, step.loop);
  }

  /** Takes away the rows of iterations that a loop does not keep. */
  private forget(path: string, { items }: LoopView): void {
    const { run } = this;
    const known = new Set(items.map((i) => i.index));
    run.steps = run.steps.filter((s) => {
      const item = s.path.includes('[') ? itemsAround(run.bodies, s.path)?.find((a) => a.loop === path) : undefined;
      return !item || known.has(item.index);
    });
    this.reindex();
  }

  private dropOldest(): void {
    const { run } = this;
    let surplus = mostRows / 4;
    run.steps = run.steps.filter((s) => !(s.path.includes('[') && s.status !== 'running' && s.status !== 'waiting' && surplus-- > 0));
    this.reindex();
  }
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
      run.paused = { at: event.at, by: event.by ?? null };
      run.status = 'waiting';
      return;
    case 'run.resumed':
      run.paused = null;
      run.status = 'running';
      return;
    case 'run.compensating':
      run.compensating = true;
      return;
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
  run.paused = null;
  run.compensating = false;
  // what was in flight when the run ended did not end by itself
  run.steps = run.steps.map((s) =>
    s.status === 'running' || s.status === 'waiting'
      ? { ...s, status: 'cancelled', until: null, wait: null, finishedAt: event.at, loop: s.loop && stopLoop(s.loop, event.at) }
      : s,
  );
}
