import type { RunEvent, StepStatus } from '@/core/engine/events';
import type { Json } from '@/core/workflow/workflow';

export type ItemState = 'running' | 'waiting' | 'succeeded' | 'failed';

/** A loop of the run on the canvas, as its frame shows it. */
export interface LoopRun {
  /** how many iterations there will be; unknown of a while */
  total?: number;
  /** how many have begun */
  begun: number;
  done: number;
  failed: number;
  /** the iteration being looked at; undefined while none has begun */
  at?: number;
  state?: ItemState;
  /** the next iteration that failed, after the one being looked at and then from the beginning */
  nextFailed?: number;
}

/** What became of the iterations of one loop (inside another: in one of its iterations). */
class Items {
  readonly states: (ItemState | undefined)[] = [];
  /** of a while: what each gave */
  readonly results: Json[] = [];
  total?: number;
  done = 0;
  failed = 0;

  set(index: number, state: ItemState): boolean {
    const was = this.states[index];
    if (was === state || ((was === 'succeeded' || was === 'failed') && (state === 'running' || state === 'waiting'))) return false;
    if (was === 'succeeded') this.done--;
    if (was === 'failed') this.failed--;
    this.states[index] = state;
    if (state === 'succeeded') this.done++;
    if (state === 'failed') this.failed++;
    return true;
  }

  nextFailed(after: number): number | undefined {
    if (this.failed === 0) return undefined;
    const next = this.states.indexOf('failed', after + 1);
    const found = next >= 0 ? next : this.states.indexOf('failed');
    return found === after ? undefined : found;
  }
}

/** Splits the path of an iteration, `each[3]`, into that of its loop and its number. */
export function splitItem(path: string): [loop: string, index: number] | undefined {
  const bracket = path.lastIndexOf('[');
  return bracket < 0 ? undefined : [path.slice(0, bracket), Number(path.slice(bracket + 1, -1))];
}

/** The iterations of a run's loops, and which of them are being looked at. Paths as the log has them; `loopsOf` tells the loops around a step. */
export class LoopRuns {
  private items = new Map<string, Items>();
  /** chosen by somebody; a loop that is not here shows its newest iteration, once the run has ended the first that failed */
  private chosen = new Map<string, number>();

  constructor(private readonly loopsOf: (id: string) => readonly string[]) {}

  clear(): void {
    this.items.clear();
    this.chosen.clear();
  }

  look(loop: string, index: number): void {
    this.chosen.set(loop, index);
  }

  /** Takes in what an event says of iterations. */
  note(event: RunEvent): void {
    if (event.type === 'item.started' || event.type === 'item.succeeded' || event.type === 'item.failed') {
      const [loop, index] = splitItem(event.path) ?? [];
      if (loop === undefined || index === undefined) return;
      const items = this.of(loop);
      items.set(index, event.type === 'item.started' ? 'running' : event.type === 'item.failed' ? 'failed' : 'succeeded');
      if (event.type === 'item.succeeded' && items.total === undefined) items.results[index] = event.output;
      return;
    }
    if (!('path' in event)) return;
    if (event.type === 'step.started' || event.type === 'step.succeeded') this.noteTotal(event.path, event.input);
    if (event.path.includes('[')) this.noteStep(event.path, event.type === 'step.waiting' ? 'waiting' : 'running');
  }

  /** What a step of a body, or a loop, that was already folded tells. */
  noteFolded(path: string, status: StepStatus, input: Json | null): void {
    if (input !== null) this.noteTotal(path, input);
    if (path.includes('[') && status !== 'pending')
      this.noteStep(path, status === 'failed' ? 'failed' : status === 'waiting' ? 'waiting' : status === 'running' ? 'running' : 'succeeded');
  }

  private noteTotal(path: string, input: Json | undefined): void {
    const items = input !== null && typeof input === 'object' && !Array.isArray(input) ? input.items : undefined;
    if (Array.isArray(items)) this.of(path).total = items.length;
  }

  private noteStep(path: string, state: ItemState): void {
    const id = path.slice(0, path.indexOf('['));
    const loop = this.loopsOf(id).at(-1);
    const [prefix, index] = splitItem(path) ?? [];
    if (loop !== undefined && prefix !== undefined && index !== undefined) this.of(loop + prefix.slice(id.length)).set(index, state);
  }

  private of(path: string): Items {
    let items = this.items.get(path);
    if (!items) {
      items = new Items();
      this.items.set(path, items);
    }
    return items;
  }

  /** The path under which the log has a step, in the iterations being looked at; undefined while there are none. */
  pathOf(id: string, ended: boolean): string | undefined {
    let suffix = '';
    for (const loop of this.loopsOf(id)) {
      const at = this.at(loop, suffix, ended);
      if (at === undefined) return undefined;
      suffix += `[${at}]`;
    }
    return id + suffix;
  }

  private at(loop: string, suffix: string, ended: boolean): number | undefined {
    const items = this.items.get(loop + suffix);
    if (!items || items.states.length === 0) return undefined;
    const chosen = this.chosen.get(loop);
    if (chosen !== undefined) return Math.min(chosen, items.states.length - 1);
    const failed = ended ? items.states.indexOf('failed') : -1;
    return failed >= 0 ? failed : items.states.length - 1;
  }

  resultOf(loop: string, index: number): Json | undefined {
    return this.items.get(loop)?.results[index];
  }

  /** A loop, in the iterations of the loops around it that are being looked at. */
  view(loop: string, ended: boolean): LoopRun | undefined {
    const path = this.pathOf(loop, ended);
    const items = path === undefined ? undefined : this.items.get(path);
    if (!path || !items) return undefined;
    const at = this.at(loop, path.slice(loop.length), ended);
    const { total, done, failed, states } = items;
    return { total, begun: states.length, done, failed, at, state: at === undefined ? undefined : states[at], nextFailed: items.nextFailed(at ?? -1) };
  }
}
