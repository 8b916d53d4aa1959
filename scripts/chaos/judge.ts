import { checkDeadLetters } from './check-dead-letters';
import { checkEffects, checkLogs, type Frozen } from './check-log';
import { checkQueue } from './check-queue';
import { checkRuns, storedRuns } from './check-runs';
import type { Database } from './database';
import type { Fault } from './faults';
import { type Check, type Figure, percentile } from './figures';
import type { Installation } from './installation';
import type { Load } from './load';
import { measureResumption } from './resumption';
import type { Throughput } from './throughput';
import { expectedEffects } from './workflows';

export interface Evidence {
  installation: Installation;
  load: Load;
  faults: Fault[];
  /** poison runs that were started while nothing else went wrong */
  calmPoisons: string[];
  throughput: Throughput | undefined;
  drainedMs: number;
}

/** What the issue asks for, looked at from outside: the database, the sink and the clients' notes. */
export async function judge(evidence: Evidence): Promise<{ checks: Check[]; figures: Figure[] }> {
  const { installation, load, faults } = evidence;
  const { database, sink } = installation;
  const runs = await storedRuns(database);
  const logs = await checkLogs(database, runs);
  const arrivals = await sink.arrivals();
  const effects = checkEffects(arrivals, logs, expectedEffects(sink.url), runs, frozenSpans(faults));
  const dead = await checkDeadLetters(installation, runs, evidence.calmPoisons);
  const checks = [...checkRuns(runs, load), ...logs.checks, ...effects.checks, ...dead.checks, ...(await checkQueue(database))];
  const figures = await figuresOf(evidence, { runs: runs.size, events: logs.events, arrivals: arrivals.length, ...effects });
  for (const c of checks) if (c.found > 0) c.examples.push(...(await excerptFor(database, c.examples[0] ?? '')));
  return { checks, figures: [...figures, ...dead.figures] };
}

/** The last events of the first run that an example names, so that what a machine of CI saw can be read afterwards. */
async function excerptFor(database: Database, example: string): Promise<string[]> {
  const run = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(example)?.[0];
  if (!run) return [];
  const rows = await database.query<{ text: string }>(
    `SELECT concat_ws(' ', seq, to_char(at, 'HH24:MI:SS.MS'), type, path, left(data, 160)) AS text FROM run_event WHERE run_id = $1 ORDER BY seq DESC LIMIT 25`,
    [run],
  );
  return [`log of ${run}:`, ...rows.reverse().map((r) => `  ${r.text}`)];
}

/** From when to when a stopped process could send what was overtaken meanwhile. */
function frozenSpans(faults: Fault[]): Frozen[] {
  return faults.filter((f) => f.kind === 'worker.stop').map((f) => ({ name: f.target, from: f.at, until: (f.endedAt ?? f.at) + 2_000 }));
}

interface Counts {
  runs: number;
  events: number;
  arrivals: number;
  repeated: number;
  zombies: number;
}

async function figuresOf({ installation, load, faults, throughput, drainedMs }: Evidence, counts: Counts): Promise<Figure[]> {
  const resumption = await measureResumption(installation.database, faults);
  const calm = percentile(resumption.clean, 0.95);
  const { recoveries } = installation.database;
  const figures: Figure[] = [
    { name: 'runs acknowledged', value: load.acknowledged.size, unit: '' },
    { name: 'runs stored', value: counts.runs, unit: '' },
    { name: 'events logged', value: counts.events, unit: '' },
    { name: 'requests at the sink', value: counts.arrivals, unit: '' },
    { name: 'keys that came more than once', value: counts.repeated, unit: '', note: 'steps in flight at a crash, done once under their key' },
    { name: 'requests of thawed processes', value: counts.zombies, unit: '', note: 'overtaken while stopped; done once under their key' },
    {
      name: 'resume p95, a worker killed',
      value: calm / 1_000,
      unit: 's',
      ...(resumption.clean.length > 0 ? { goal: '≤ 2 s', met: calm <= 2_000, examples: resumption.slowest } : {}),
      note: `${resumption.clean.length} runs, p50 ${Math.round(percentile(resumption.clean, 0.5))} ms; ${resumption.idle} more only waited for a delay`,
    },
    { name: 'resume p95, amid other faults', value: percentile(resumption.amidOthers, 0.95) / 1_000, unit: 's', note: `${resumption.amidOthers.length} runs` },
    { name: 'PostgreSQL back after kill -9, longest', value: Math.max(...recoveries, 0) / 1_000, unit: 's', note: `${recoveries.length} times` },
    { name: 'drained after the last fault', value: drainedMs / 1_000, unit: 's' },
  ];
  if (throughput) figures.push(...throughputFigures(throughput));
  return figures;
}

function throughputFigures({ without, withPoison, poisons, ratio }: Throughput): Figure[] {
  const list = (values: number[]) => values.map((v) => v.toFixed(1)).join(', ');
  return [
    { name: 'runs of 20 steps, no faults', value: percentile(without, 0.5), unit: '1/s', note: `windows: ${list(without)}` },
    { name: 'the same with poison', value: percentile(withPoison, 0.5), unit: '1/s', note: `${poisons} poison runs; windows: ${list(withPoison)}` },
    { name: 'throughput kept with poison', value: ratio * 100, unit: '%', goal: '≥ 95 %', met: ratio >= 0.95 },
  ];
}
