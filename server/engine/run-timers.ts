import type { Command } from '@/core/engine/commands';
import { type Place, pathOf } from '@/core/engine/path';
import type { EngineClock } from './clock';

const MAX_TIMER_MS = 2_147_483_647;

interface Timer {
  at: number;
  place: Place;
  /** the time limit of a container, not the end of a wait or the time of the next attempt */
  limit: boolean;
}

/** When a run has something to do by itself: ends of waits, next attempts, time limits. One real timer for all of them. */
export class RunTimers {
  private readonly timers = new Map<string, Timer>();
  private handle: NodeJS.Timeout | undefined;
  /** the time limit of the run, ms since the epoch */
  deadline = Number.POSITIVE_INFINITY;

  constructor(
    private readonly clock: EngineClock,
    private readonly onDue: () => void,
  ) {}

  get size(): number {
    return this.timers.size;
  }

  set({ do: kind, at, frame, index }: Extract<Command, { do: 'wake' | 'limit' }>): void {
    const limit = kind === 'limit';
    this.timers.set(pathOf(frame, index) + (limit ? '#' : ''), { at, place: { frame, index }, limit });
  }

  drop(path: string): void {
    this.timers.delete(path);
    this.timers.delete(`${path}#`);
  }

  clear(): void {
    this.timers.clear();
    clearTimeout(this.handle);
  }

  /** The next time something is due; Infinity: nothing is. */
  next(pausedMs: number): number {
    let next = this.deadline + pausedMs;
    for (const { at } of this.timers.values()) if (at < next) next = at;
    return next;
  }

  arm(next: number): void {
    clearTimeout(this.handle);
    if (next !== Number.POSITIVE_INFINITY) this.handle = setTimeout(this.onDue, Math.min(Math.max(next - this.clock.now(), 0), MAX_TIMER_MS));
  }

  isOver(now: number, pausedMs: number): boolean {
    return now >= this.deadline + pausedMs;
  }

  /** Takes out what is due. */
  due(now: number): Timer[] {
    const due: Timer[] = [];
    for (const [key, timer] of this.timers) {
      if (timer.at > now) continue;
      this.timers.delete(key);
      due.push(timer);
    }
    return due;
  }
}
