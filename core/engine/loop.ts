import type { Json, JsonObject } from '@/core/workflow/workflow';
import { type Command, launchRoots } from './commands';
import type { RunEvent } from './events';
import type { Graph } from './graph';
import { itemAt } from './path';
import { type Frame, type Loop, newFrame, type RunState, type StepState } from './state';

/** A container has started with these resolved settings: begins its first iterations. */
export function beginLoop(frame: Frame, index: number, input: Json, startedAt: number): Command[] {
  const settings = (input ?? {}) as JsonObject;
  const list = Array.isArray(settings.items) ? settings.items : undefined;
  const loop: Loop = {
    ...(list ? { items: list } : {}),
    concurrency: list ? Math.max(1, Number(settings.concurrency ?? 1)) : 1,
    collect: settings.errors === 'collect',
    keepResults: settings.results !== false,
    next: 0,
    frames: new Map(),
    results: [],
    errors: [],
    ended: 0,
    last: null,
    startedAt,
  };
  (frame.steps[index] as StepState).loop = loop;
  return goOn(frame, index, loop);
}

/** What a loop does next, its iterations under way aside. */
function goOn(frame: Frame, index: number, loop: Loop): Command[] {
  if (loop.failure) return [{ do: 'endLoop', frame, index }];
  if (!loop.items) return loop.frames.size === 0 ? [{ do: 'nextItem', frame, index }] : [];
  const commands: Command[] = [];
  while (loop.next < loop.items.length && loop.frames.size < loop.concurrency) begin(frame, index, loop, loop.items[loop.next] ?? null, commands);
  if (loop.frames.size === 0 && loop.next >= loop.items.length) commands.push({ do: 'endLoop', frame, index });
  return commands;
}

function begin(frame: Frame, index: number, loop: Loop, item: Json, commands: Command[]): void {
  const number = loop.next++;
  const inner: Frame = { ...newFrame(frame.graph.steps[index]?.body as Graph, `${frame.suffix}[${number}]`), parent: { frame, index }, item, index: number };
  loop.frames.set(number, inner);
  if (inner.unsettled === 0) commands.push({ do: 'endItem', frame: inner });
  else for (const command of launchRoots(inner)) commands.push(command);
}

/** A while goes round once more. */
export function itemStarted(state: RunState, path: string): Command[] {
  const at = itemAt(state, path);
  const loop = at?.loop.frame.steps[at.loop.index]?.loop;
  if (!at || !loop || loop.items || loop.frames.size > 0) return [];
  const commands: Command[] = [];
  begin(at.loop.frame, at.loop.index, loop, loop.last, commands);
  return commands;
}

/** An iteration has ended: its steps are forgotten, its result is kept in its place. */
export function itemEnded(state: RunState, event: Extract<RunEvent, { type: 'item.succeeded' | 'item.failed' }>): Command[] {
  const at = itemAt(state, event.path);
  const loop = at?.loop.frame.steps[at.loop.index]?.loop;
  if (!at || !loop?.frames.delete(at.item)) return [];
  loop.ended++;
  if (event.type === 'item.failed') {
    if (!loop.collect) loop.failure ??= event.error;
    else if (loop.keepResults || loop.errors.length < 100) loop.errors.push({ index: at.item, error: event.error });
    loop.last = null;
  } else loop.last = event.output;
  if (loop.keepResults) loop.results[at.item] = loop.last;
  return goOn(at.loop.frame, at.loop.index, loop);
}

/**
 * What a loop that has ended puts out: the results in the order of the items. With collected errors `{results, errors, count}`, a failed iteration's
 * result being null; without results only the counts.
 */
export function loopOutput({ items, results, errors, ended, collect, keepResults, last }: Loop): Json {
  const list = errors.map(({ index, error }) => ({ index, code: error.code, message: error.message, step: error.step ?? null }));
  if (!keepResults) return { count: ended, ...(collect ? { errors: list } : {}), ...(items ? {} : { last }) };
  // an iteration always has a result, so the list has no holes
  return collect ? { results, errors: list, count: ended } : items ? results : { results, last, count: ended };
}
