import type { Database } from './database';
import type { Fault } from './faults';
import { grouped } from './figures';

type Event = { run: string; type: string; path: string | null; at: number };

/** What became of the runs a killed worker held: ms from its death to each run's next event. */
export interface Resumption {
  /** nothing else happened around that death */
  clean: number[];
  amidOthers: number[];
  /** the slowest of the clean ones, to look at */
  slowest: string[];
  /** runs that only waited for a delay then, and would have had nothing to say anyway */
  idle: number;
}

export async function measureResumption(database: Database, faults: Fault[]): Promise<Resumption> {
  const result: Resumption = { clean: [], amidOthers: [], slowest: [], idle: 0 };
  const found: { ms: number; text: string }[] = [];
  for (const fault of faults) {
    if (!fault.held || fault.held.length === 0) continue;
    const events = await database.query<Event>(
      'SELECT run_id AS run, type, path, extract(epoch FROM at)::float8 * 1000 AS at FROM run_event WHERE run_id = ANY($1::uuid[]) ORDER BY run_id, seq',
      [fault.held.map((h) => h.runId)],
    );
    const others = faults.some((f) => f !== fault && f.at < fault.at + 3_000 && (f.endedAt ?? f.at) > fault.at - 2_000);
    const list = others ? result.amidOthers : result.clean;
    for (const log of grouped(events, (e) => e.run).values()) {
      const before = log.filter((e) => e.at <= fault.at);
      const next = log.find((e) => e.at > fault.at);
      if (!next) continue; // it had just ended
      if (activeSteps(before) === 0) result.idle++;
      else list.push(next.at - fault.at);
      if (!others)
        found.push({ ms: next.at - fault.at, text: `${next.run} ${Math.round(next.at - fault.at)} ms after ${fault.target} died at ${at(fault.at)}` });
    }
  }
  result.slowest = found
    .sort((a, b) => b.ms - a.ms)
    .slice(0, 8)
    .map((f) => f.text);
  return result;
}

const at = (ms: number) => new Date(ms).toISOString().slice(11, 23);

function activeSteps(log: Event[]): number {
  const active = new Set<string>();
  for (const { type, path } of log) {
    if (!path) continue;
    if (type === 'step.started') active.add(path);
    else if (type !== 'step.log') active.delete(path);
  }
  return active.size;
}
