import { percentile } from './figures';
import type { Installation } from './installation';
import type { Load } from './load';
import type { Catalogue } from './workflows';

export interface Throughput {
  /** runs of twenty steps that ended per second, a window each */
  without: number[];
  withPoison: number[];
  /** poison runs started */
  poisons: number;
  /** median with / median without */
  ratio: number;
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Measures windows without and with a poison run in turn, on the same load. Processes are started again with the supervisor's own pauses. */
export async function measureThroughput(
  installation: Installation,
  load: Load,
  catalogue: Catalogue,
  windows: number,
  seconds: number,
  say: (text: string) => void,
): Promise<Throughput> {
  const spans: { from: number; until: number; poison: boolean }[] = [];
  for (const { process } of installation.workers) process.patient = true;
  let poisons = 0;
  for (let i = 0; i < windows * 2; i++) {
    const poison = i % 2 === 1;
    const from = Date.now();
    const started = poison ? load.startOdd('poison', catalogue.poison[poisons++ % catalogue.poison.length] as never) : undefined;
    await wait(seconds * 1_000);
    spans.push({ from, until: Date.now(), poison });
    const id = await started;
    if (id) await untilEnded(installation, id, 30_000);
    say(`  window ${i + 1} of ${windows * 2}${poison ? ', with poison' : ''}`);
  }
  for (const { process } of installation.workers) process.patient = false;
  const rates: { rate: number; poison: boolean }[] = [];
  for (const { from, until, poison } of spans) {
    const rows = await installation.database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM run WHERE status = 'succeeded' AND finished_at >= to_timestamp($1) AND finished_at < to_timestamp($2)`,
      [from / 1_000, until / 1_000],
    );
    rates.push({ rate: (rows[0]?.n ?? 0) / ((until - from) / 1_000), poison });
  }
  const without = rates.filter((r) => !r.poison).map((r) => r.rate);
  const withPoison = rates.filter((r) => r.poison).map((r) => r.rate);
  return { without, withPoison, poisons, ratio: percentile(withPoison, 0.5) / percentile(without, 0.5) };
}

/** Resolves when a run has ended, or after that long all the same. */
export async function untilEnded({ database }: Installation, runId: string, patienceMs: number): Promise<void> {
  const end = Date.now() + patienceMs;
  while (Date.now() < end) {
    const [row] = await database.query<{ status: string }>('SELECT status FROM run WHERE id = $1', [runId]);
    if (row && row.status !== 'queued' && row.status !== 'running') return;
    await wait(200);
  }
}
