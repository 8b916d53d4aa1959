import type { StoredRun } from './check-runs';
import type { Database } from './database';
import { type Check, check } from './figures';
import type { Arrival } from './sink';

export interface Ending {
  /** ms since the epoch at which the step's success was logged */
  at: number;
  seq: number;
}
type Logged = { run: string; seq: number; type: string; path: string | null; at: number };

/** What the logs say of each step: runId/path → its success. */
export interface Logs {
  succeeded: Map<string, Ending>;
  checks: Check[];
  events: number;
}

/** Reads every log once: gapless, one end, no checkpointed step executed again. */
export async function checkLogs(database: Database, runs: Map<string, StoredRun>): Promise<Logs> {
  const succeeded = new Map<string, Ending>();
  const [gaps, ends, again, twice]: [string[], string[], string[], string[]] = [[], [], [], []];
  const last = new Map<string, Logged>();
  let events = 0;
  for (let from = '00000000-0000-0000-0000-000000000000'; ; ) {
    const rows = await database.query<Logged>(
      `SELECT run_id AS run, seq, type, path, extract(epoch FROM at)::float8 * 1000 AS at FROM run_event
        WHERE run_id IN (SELECT id FROM run WHERE id > $1 ORDER BY id LIMIT 500) ORDER BY run_id, seq`,
      [from],
    );
    if (rows.length === 0) break;
    events += rows.length;
    for (const event of rows) {
      const before = last.get(event.run);
      if (event.seq !== (before?.seq ?? 0) + 1) gaps.push(`${event.run} ${before?.seq ?? 0} → ${event.seq}`);
      if (before && isEnd(before.type)) ends.push(`${event.run} ${event.type} after ${before.type}`);
      last.set(event.run, event);
      if (!event.path) continue;
      const key = `${event.run}/${event.path}`;
      const done = succeeded.get(key);
      if (event.type === 'step.succeeded' && done) twice.push(`${key} at ${done.seq} and ${event.seq}`);
      if (event.type === 'step.started' && done) again.push(`${key} succeeded at ${done.seq}, started at ${event.seq}`);
      if (event.type === 'step.succeeded' && !done) succeeded.set(key, { at: event.at, seq: event.seq });
    }
    from = rows.at(-1)?.run ?? from;
  }
  for (const [run, event] of last) {
    const status = runs.get(run)?.status;
    if (isEnd(event.type) && event.type !== `run.${status}`) ends.push(`${run} is ${status}, its log ends with ${event.type}`);
  }
  return {
    succeeded,
    events,
    checks: [
      check('checkpoints executed again, by the log', succeeded.size, [...again, ...twice]),
      check('logs with a gap', last.size, gaps),
      check('logs that do not end as their run did', last.size, ends),
    ],
  };
}

const isEnd = (type: string) => type === 'run.succeeded' || type === 'run.failed' || type === 'run.cancelled';

/** Clocks of one machine: the engine's follows the database's to within this. */
const toleranceMs = 60;

/**
 * What reached the outside against the log. A process that was frozen (or cut off) between the commit of a step's start and its request may send that
 * request after another has done the step: its key is the same, so nothing is done twice. Those are counted, not faults.
 */
export function checkEffects(
  arrivals: Arrival[],
  logs: Logs,
  expected: Map<string, string[]>,
  runs: Map<string, StoredRun>,
  frozen: Frozen[],
): { checks: Check[]; repeated: number; zombies: number } {
  const keysOf = new Map<string, Set<string>>();
  const seen = new Map<string, number>();
  const late: string[] = [];
  let zombies = 0;
  for (const { at, key, run, path, from } of arrivals) {
    if (!key || !run || !path) continue;
    const place = `${run}/${path}`;
    keysOf.set(place, (keysOf.get(place) ?? new Set()).add(key));
    seen.set(key, (seen.get(key) ?? 0) + 1);
    const done = logs.succeeded.get(place);
    if (!done || at <= done.at + toleranceMs) continue;
    if (frozen.some((f) => from?.startsWith(`${f.name}/`) && at >= f.from && at <= f.until)) zombies++;
    else late.push(`${place} succeeded ${Math.round(at - done.at)} ms before it arrived again from ${from}`);
  }
  const missing: string[] = [];
  let steps = 0;
  for (const run of runs.values()) {
    if (run.status !== 'succeeded') continue;
    for (const path of expected.get(run.workflow) ?? []) {
      steps++;
      if (!seen.has(`${run.id}/${path}`)) missing.push(`${run.id}/${path}`);
    }
  }
  return {
    repeated: [...seen.values()].filter((n) => n > 1).length,
    zombies,
    checks: [
      check(
        'duplicate effects: a step that came under two keys',
        keysOf.size,
        [...keysOf].filter(([, keys]) => keys.size > 1).map(([place, keys]) => `${place}: ${[...keys].join(' and ')}`),
      ),
      check('effects that arrived after their checkpoint', arrivals.length, late),
      check('effects of succeeded runs that never arrived', steps, missing),
    ],
  };
}

/** When a process could not know what others did meanwhile. */
export interface Frozen {
  name: string;
  from: number;
  until: number;
}
