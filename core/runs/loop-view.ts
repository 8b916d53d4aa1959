import type { Failure, RunEvent } from '@/core/engine/events';
import { idOfPath, indicesOfPath } from '@/core/engine/path';
import type { Json } from '@/core/workflow/workflow';

/** An iteration of a loop. */
export interface ItemView {
  /** of the loop's third iteration: 2 */
  index: number;
  status: 'running' | 'succeeded' | 'failed' | 'cancelled';
  /** ms since the epoch */
  startedAt: number;
  finishedAt: number | null;
  output: Json | null;
  error: Failure | null;
}

/** A loop as it goes round. Of its iterations those under way, the newest and the newest that failed are kept, the others are counted. */
export interface LoopView {
  /** how many there will be; null of a while */
  total: number | null;
  started: number;
  succeeded: number;
  failed: number;
  /** in the order of their numbers */
  items: ItemView[];
}

/** A step of a loop's body: what it is called, and the loops around it, outermost first. */
export interface BodyStep {
  title: string;
  type: string;
  loops: string[];
}
export type BodySteps = Record<string, BodyStep>;

interface Shape {
  id: string;
  title?: string | undefined;
  uses: string;
  steps?: readonly Shape[] | undefined;
}

/** The iterations a view keeps of each kind, and how many more may gather before it tidies up. */
const kept = 50;
const slack = 50;

/** The steps inside loops, by id. */
export function bodySteps(steps: readonly Shape[], loops: string[] = []): BodySteps {
  const found: BodySteps = {};
  for (const step of steps) {
    if (loops.length > 0) found[step.id] = { title: step.title ?? step.id, type: step.uses, loops };
    if (step.steps) Object.assign(found, bodySteps(step.steps, [...loops, step.id]));
  }
  return found;
}

/** The iterations around the step at a path, outermost first: of `fetch[3][0]` the path of each loop and the number in it. */
export function itemsAround(bodies: BodySteps, path: string): { loop: string; index: number }[] | undefined {
  const body = bodies[idOfPath(path)];
  const indices = indicesOfPath(path);
  if (!body || body.loops.length !== indices.length) return undefined;
  return body.loops.map((id, depth) => ({ loop: id + suffixOf(indices.slice(0, depth)), index: indices[depth] as number }));
}

/** The loop and the number in the path of an iteration, `each[3]`. */
export function splitItem(path: string): { loop: string; index: number } {
  const bracket = path.lastIndexOf('[');
  return { loop: path.slice(0, bracket), index: Number(path.slice(bracket + 1, -1)) };
}

const suffixOf = (indices: number[]): string => indices.map((i) => `[${i}]`).join('');

export const emptyLoop = (total: number | null): LoopView => ({ total, started: 0, succeeded: 0, failed: 0, items: [] });

/** The list in the settings that a for-each started with. */
export function totalOf(input: Json | undefined): number | null {
  const items = input !== null && typeof input === 'object' && !Array.isArray(input) ? input.items : undefined;
  return Array.isArray(items) ? items.length : null;
}

/** Notes that an iteration is under way. False when it was counted and forgotten before. Changes the loop in place. */
export function enterItem(loop: LoopView, index: number, at: number): boolean {
  for (let i = loop.items.length - 1; i >= 0; i--) if (loop.items[i]?.index === index) return true;
  if (index < loop.started) return false;
  loop.started = index + 1;
  loop.items.push({ index, status: 'running', startedAt: at, finishedAt: null, output: null, error: null });
  return true;
}

/** Ends an iteration. Changes the loop in place. */
export function endItem(loop: LoopView, index: number, event: Extract<RunEvent, { type: 'item.succeeded' | 'item.failed' }>): void {
  const i = loop.items.findLastIndex((item) => item.index === index);
  const item = loop.items[i];
  if (item?.status !== 'running') return;
  if (event.type === 'item.succeeded') {
    loop.succeeded++;
    loop.items[i] = { ...item, status: 'succeeded', finishedAt: event.at, output: event.output };
  } else {
    loop.failed++;
    loop.items[i] = { ...item, status: 'failed', finishedAt: event.at, error: event.error };
  }
}

/** Forgets iterations once too many have gathered, and answers whether it did. Changes the loop in place. */
export function tidyLoop(loop: LoopView): boolean {
  const ended = loop.items.filter((i) => i.status !== 'running');
  if (ended.length <= 2 * kept + slack) return false;
  const newest = new Set(ended.slice(-kept));
  const failed = new Set(ended.filter((i) => i.status === 'failed' && !newest.has(i)).slice(-kept));
  loop.items = loop.items.filter((i) => i.status === 'running' || newest.has(i) || failed.has(i));
  return true;
}

/** The loop once nothing of it is under way any more. */
export function stopLoop(loop: LoopView, at: number): LoopView {
  if (!loop.items.some((i) => i.status === 'running')) return loop;
  return { ...loop, items: loop.items.map((i) => (i.status === 'running' ? { ...i, status: 'cancelled', finishedAt: at } : i)) };
}
