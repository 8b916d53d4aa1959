import type { StepView } from '@/core/runs/fold-run';
import type { ItemView, LoopView } from '@/core/runs/loop-view';

/** A loop of the run on the canvas, as its frame shows it. Iterations count from 0; of those that were only counted nothing can be shown. */
export interface LoopRun {
  /** how many there will be; undefined of a while */
  total: number | undefined;
  begun: number;
  done: number;
  failed: number;
  /** the one being looked at, and what became of it; undefined while none has begun */
  at: number | undefined;
  state: ItemView['status'] | undefined;
  previous: number | undefined;
  next: number | undefined;
  /** the next that failed, after the one being looked at and then from the beginning */
  nextFailed: number | undefined;
}

/** Which iterations of a run's loops are being looked at. A loop that nobody chose for shows its newest, once the run has ended the first that failed. */
export class Looking {
  private chosen = new Map<string, number>();

  /** `stepAt`: the step at a path of the log; `loopsOf`: the loops around a step, outermost first */
  constructor(
    private readonly stepAt: (path: string) => StepView | undefined,
    private readonly loopsOf: (id: string) => readonly string[],
    private readonly ended: () => boolean,
  ) {}

  choose(loop: string, index: number): void {
    this.chosen.set(loop, index);
  }

  forget(): void {
    this.chosen.clear();
  }

  /** The path under which the log has a step, in the iterations being looked at; undefined while there are none. */
  pathOf(id: string): string | undefined {
    let suffix = '';
    for (const loop of this.loopsOf(id)) {
      const at = this.at(loop, this.stepAt(loop + suffix)?.loop);
      if (!at) return undefined;
      suffix += `[${at.index}]`;
    }
    return id + suffix;
  }

  private at(id: string, loop: LoopView | null | undefined): ItemView | undefined {
    if (!loop) return undefined;
    const chosen = this.chosen.get(id);
    if (chosen !== undefined) return loop.items.find((item) => item.index === chosen) ?? nearest(loop.items, chosen);
    return (this.ended() ? loop.items.find((item) => item.status === 'failed') : undefined) ?? loop.items.at(-1);
  }

  /** A loop, in the iterations of the loops around it that are being looked at. */
  view(id: string): LoopRun | undefined {
    const path = this.pathOf(id);
    const loop = path === undefined ? undefined : this.stepAt(path)?.loop;
    if (!loop) return undefined;
    const { total, started, succeeded, failed, items } = loop;
    const at = this.at(id, loop);
    const place = at ? items.indexOf(at) : -1;
    const fails = items.filter((item) => item.status === 'failed' && item !== at);
    return {
      total: total ?? undefined,
      begun: started,
      done: succeeded,
      failed,
      at: at?.index,
      state: at?.status,
      previous: items[place - 1]?.index,
      next: place < 0 ? undefined : items[place + 1]?.index,
      nextFailed: (fails.find((item) => item.index > (at?.index ?? -1)) ?? fails[0])?.index,
    };
  }
}

function nearest(items: readonly ItemView[], index: number): ItemView | undefined {
  return items.reduce<ItemView | undefined>((best, item) => (best && Math.abs(best.index - index) <= Math.abs(item.index - index) ? best : item), undefined);
}
