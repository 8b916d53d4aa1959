import { allSteps, type Json, type JsonObject, type Step, type Workflow } from '@/core/workflow/workflow';
import type { RunEvent, RunEventBody } from './events';
import { idOfPath } from './path';

/** What a run that was made from another keeps of it. Stored with the run, read by the worker that starts it. */
export interface ForkPlan {
  kind: 'rerun' | 'replay' | 'fork';
  /** ids of the steps whose results are kept */
  keep: string[];
  /** results in the place of what those steps gave */
  outputs?: JsonObject;
  /** seq of the last event of the other run that counts: it may have gone on since */
  upTo: number;
}

/** What of a log says which steps have a result; `handled` and `retryAt` of `step.failed`. */
export interface LogMark {
  type: RunEvent['type'];
  path?: string | null;
  handled?: string | undefined;
  retryAt?: number | undefined;
}

/**
 * Which steps of `after` keep their result when a run of `before` with this log is made anew, and which are executed again: `from` and what comes after
 * it, what has no result, what was undone, and (of another version) what was defined differently, with all that comes after. Steps with a result given
 * in `outputs` are kept whatever became of them. Loops are kept or executed again as a whole. In the order of the workflow; linear.
 */
export function planFork(
  before: Workflow,
  after: Workflow,
  log: readonly LogMark[],
  { from, outputs = {} }: { from?: string | undefined; outputs?: JsonObject },
): { kept: string[]; again: string[] } {
  const settled = settledSteps(before, log);
  const old = new Map(before.steps.map((s) => [s.id, s]));
  const undoing = new Set(after.steps.flatMap((s) => (s.compensate === undefined ? [] : [s.compensate])));
  const following = followers(after);
  const again = new Set<string>();
  const mark = (start: string) => {
    const todo = [start];
    for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
      if (again.has(id) || Object.hasOwn(outputs, id)) continue;
      again.add(id);
      todo.push(...(following.get(id) ?? []));
    }
  };
  if (from !== undefined) mark(from);
  for (const step of after.steps) {
    const was = old.get(step.id);
    if (!was || !settled.has(step.id) || (before !== after && !sameDefinition(was, step))) mark(step.id);
  }
  const ids = after.steps.map((s) => s.id).filter((id) => !undoing.has(id));
  return { kept: ids.filter((id) => !again.has(id)), again: ids.filter((id) => again.has(id)) };
}

/** The ids of a step and of all that comes after it. */
export function stepsFrom(workflow: Workflow, id: string): Set<string> {
  const following = followers(workflow);
  const found = new Set<string>();
  const todo = [id];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    todo.push(...(following.get(next) ?? []));
  }
  return found;
}

/** The step of the outermost level that is, or holds, this one. */
export function outermostStep(workflow: Workflow, id: string): string | undefined {
  return workflow.steps.find((s) => s.id === id || allSteps(s.steps ?? []).some((inner) => inner.id === id))?.id;
}

/** A retry goes on with the work of the other run, and undoes it if it has to; a fork, a re-run leave it alone. */
type Kept = Omit<ForkPlan, 'kind'> & { kind: ForkPlan['kind'] | 'retry' };

/** The events that begin the log of a run made by this plan: results of the other run, in the order they came, without their cost (that run paid). */
export function forkEvents(log: readonly RunEvent[], { kind, keep, outputs = {}, upTo }: Kept): RunEventBody[] {
  const results = new Map<string, RunEventBody>();
  const wanted = new Set(keep);
  for (const event of log) {
    if (event.seq > upTo || !('path' in event) || !wanted.has(event.path) || !isResult(event)) continue;
    results.delete(event.path);
    results.set(event.path, withoutCost(event, kind, outputs));
  }
  const startedAt = log[0]?.at ?? 0;
  for (const id of keep) {
    const output = outputs[id];
    if (output === undefined || results.get(id)?.type === 'step.succeeded') continue;
    results.delete(id);
    results.set(id, { type: 'step.succeeded', path: id, attempt: 1, startedAt, output, kept: true });
  }
  return [...results.values()];
}

const isResult = ({ type, handled, retryAt }: LogMark): boolean =>
  type === 'step.succeeded' || type === 'step.skipped' || (type === 'step.failed' && handled !== undefined && retryAt === undefined);

function withoutCost(event: RunEvent & { path: string }, kind: Kept['kind'], outputs: JsonObject): RunEventBody {
  const { seq: _seq, at: _at, ...body } = event;
  if (body.type !== 'step.succeeded') return body;
  const { costUsd: _cost, tokens: _tokens, ...free } = body;
  const output = outputs[body.path];
  return { ...free, ...(output === undefined ? {} : { output }), ...(kind === 'retry' ? {} : { kept: true }) };
}

/** The steps of the outermost level that have a result; what was undone has none any more. */
function settledSteps(workflow: Workflow, log: readonly LogMark[]): Set<string> {
  // what was undone inside a loop takes the result of the whole loop with it
  const undoes = new Map(
    workflow.steps.flatMap((s) =>
      [s, ...allSteps(s.steps ?? [])].flatMap((inner) => (inner.compensate === undefined ? [] : [[inner.compensate, s.id] as const])),
    ),
  );
  const settled = new Set<string>();
  let compensating = false;
  for (const mark of log) {
    if (mark.type === 'run.compensating') compensating = true;
    if (!mark.path || !isResult(mark)) continue;
    const undone = compensating ? undoes.get(idOfPath(mark.path)) : undefined;
    if (undone === undefined) settled.add(mark.path);
    else settled.delete(undone);
  }
  return settled;
}

function followers(workflow: Workflow): Map<string, string[]> {
  const following = new Map<string, string[]>();
  const add = (id: string, next: string) => following.set(id, [...(following.get(id) ?? []), next]);
  for (const step of workflow.steps) {
    for (const dependency of step.dependsOn) add(dependency.step, step.id);
    if (step.onError?.kind === 'goto') add(step.id, step.onError.step);
  }
  return following;
}

/** Whether two steps do the same; what they are called makes no difference. */
function sameDefinition(a: Step, b: Step): boolean {
  return comparable(a) === comparable(b);
}

function comparable(step: Step): string {
  return JSON.stringify(sorted(bare(step) as unknown as Json));
}

function bare({ title: _title, notes: _notes, ...step }: Step): object {
  return step.steps ? { ...step, steps: step.steps.map(bare) } : step;
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.flatMap((k) => (value[k] === undefined ? [] : [[k, sorted(value[k])]])));
}
