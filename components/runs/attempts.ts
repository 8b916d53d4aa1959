import type { RunEvent } from '@/core/engine/events';

/** One try of a step, for the timeline; `finishedAt` null while it goes on. */
export interface Attempt {
  attempt: number;
  startedAt: number;
  finishedAt: number | null;
  outcome: 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled';
}

/** The tries of every step by path, read from the run's log in order; `before` are those of the events that came earlier, which stay as they are. */
export function attemptsOf(events: readonly RunEvent[], before: ReadonlyMap<string, Attempt[]> = new Map()): Map<string, Attempt[]> {
  const byPath = new Map(before);
  const own = new Set<string>();
  const triesOf = (path: string): Attempt[] => {
    let tries = byPath.get(path) ?? [];
    if (!own.has(path)) {
      tries = tries.map((t) => ({ ...t }));
      byPath.set(path, tries);
      own.add(path);
    }
    return tries;
  };
  for (const event of events) {
    if (event.type === 'step.cancelled' && byPath.has(event.path)) cancel(triesOf(event.path), event.at);
    // what was in flight when the run ended did not end by itself
    if (event.type === 'run.succeeded' || event.type === 'run.failed' || event.type === 'run.cancelled') {
      for (const [path, tries] of byPath) if (tries.at(-1)?.finishedAt === null) cancel(triesOf(path), event.at);
    }
    if ('path' in event && 'attempt' in event) note(triesOf(event.path), event);
  }
  return byPath;
}

function note(tries: Attempt[], event: Extract<RunEvent, { path: string; attempt: number }>): void {
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

function cancel(tries: Attempt[] | undefined, at: number): void {
  const last = tries?.at(-1);
  if (last?.finishedAt === null) Object.assign(last, { finishedAt: at, outcome: 'cancelled' });
}

/** The pauses of a step between a try that failed and the next one, or the end of the step (`end`, null while it goes on). */
export function pausesOf(tries: readonly Attempt[], status: string, end: number | null): { after: number; startedAt: number; finishedAt: number | null }[] {
  return tries.flatMap(({ attempt, outcome, finishedAt }, index) => {
    if (outcome !== 'failed' || finishedAt === null) return [];
    const next = tries[index + 1];
    if (!next && status !== 'waiting' && status !== 'cancelled') return [];
    return [{ after: attempt, startedAt: finishedAt, finishedAt: next ? next.startedAt : end }];
  });
}
