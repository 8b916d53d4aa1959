import type { RunEvent } from '@/core/engine/events';

/** One try of a step, for the timeline; `finishedAt` null while it goes on. */
export interface Attempt {
  attempt: number;
  startedAt: number;
  finishedAt: number | null;
  outcome: 'running' | 'waiting' | 'succeeded' | 'failed';
}

/** The tries of every step by path, read from the run's log in order. */
export function attemptsOf(events: readonly RunEvent[]): Map<string, Attempt[]> {
  const byPath = new Map<string, Attempt[]>();
  for (const event of events) {
    if (!('path' in event) || !('attempt' in event)) continue;
    const tries = byPath.get(event.path) ?? [];
    byPath.set(event.path, tries);
    const startedAt = event.type === 'step.started' ? event.at : event.startedAt;
    let last = tries.at(-1);
    if (last?.attempt !== event.attempt) {
      last = { attempt: event.attempt, startedAt, finishedAt: null, outcome: 'running' };
      tries.push(last);
    }
    if (event.type === 'step.succeeded') Object.assign(last, { finishedAt: event.at, outcome: 'succeeded' });
    else if (event.type === 'step.failed') Object.assign(last, { finishedAt: event.at, outcome: 'failed' });
    else if (event.type === 'step.waiting') Object.assign(last, { outcome: 'waiting' });
  }
  return byPath;
}
