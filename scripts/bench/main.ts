import { memoryOf, type Product, startProduct } from './product';
import { printTable, type Row } from './row';

/**
 * `npm run bench [-- part …] [--json]`: measures a real Heddle on a temporary HEDDLE_HOME (embedded PostgreSQL, fsync on, one worker) and prints a
 * table. Without parts all of them, which takes a while. Machines differ; compare ratios of one run.
 */
const parts: Record<string, (product: Product) => Promise<Row[]>> = {
  start: async (product) => {
    const second = [product.secondStartMs, await product.restart(), await product.restart()].sort((a, b) => a - b)[1] as number;
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const memory = await memoryOf(product.pid);
    return [
      { name: 'second start, to ready', value: second / 1000, unit: 's', goal: 5, better: 'lower', note: 'median of 3' },
      {
        name: 'all processes idle, memory',
        value: memory.pss,
        unit: 'MB',
        goal: 500,
        better: 'lower',
        note: `PSS of ${memory.processes} processes; sum of RSS ${Math.round(memory.rss)} MB`,
      },
    ];
  },
  runs: async (product) => (await import('./runs')).benchRuns(product),
  waiting: async (product) => (await import('./waiting')).benchWaiting(product),
  fairness: async (product) => (await import('./fairness')).benchFairness(product),
  queue: async (product) => (await import('./queue')).benchQueue(product),
  workers: async (product) => (await import('./scale')).benchWorkers(product),
  schedules: async (product) => (await import('./schedules')).benchSchedules(product),
  stored: async (product) => (await import('./scale')).benchStored(product),
  peers: async (product) => (await import('./peers')).benchPeers(product),
  hooks: async (product) => (await import('./hooks')).benchHooks(product),
  editor: async (product) => (await import('./editor')).benchEditor(product),
};

const json = process.argv.includes('--json');
const chosen = process.argv.slice(2).filter((a) => !a.startsWith('--'));
const unknown = chosen.filter((c) => !(c in parts));
if (unknown.length > 0) throw new Error(`unknown part ${unknown.join(', ')}; there is ${Object.keys(parts).join(', ')}`);
const product = await startProduct();
const rows: Row[] = [];
try {
  for (const [name, part] of Object.entries(parts)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    if (!json) process.stderr.write(`bench: ${name} …\n`);
    rows.push(...(await part(product)));
  }
} finally {
  await product.stop();
}
if (json) console.log(JSON.stringify(rows, null, 2));
else printTable(rows);
process.exit(0);
