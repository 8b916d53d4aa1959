import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { type Fault, type PlannedFault, planFaults, strike } from './faults';
import type { Check, Figure } from './figures';
import { type Installation, install, root } from './installation';
import { judge } from './judge';
import { Load } from './load';
import { type Options, paceFor, readOptions } from './options';
import { Random } from './random';
import { isWell, printReport, type Report } from './report';
import { measureThroughput, type Throughput, untilEnded } from './throughput';
import { type Catalogue, publishAll } from './workflows';

/** `npm run chaos`: see options.ts. Exit code 0 when every check holds and every figure meets its goal. */
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
/** deaths of a worker with nothing else going on, at the beginning: what resumption is measured by */
const calmKills = (options: Options) => (options.only.length > 0 ? 0 : Math.min(8, Math.floor(options.faults / 4)));
/** how long after the last fault everything must have ended, beyond the time its load needs */
const drainMs = 180_000;

async function build(options: Options): Promise<void> {
  if (!options.build) return;
  const { ensureBuilt } = (await import(join(root, 'scripts/build.mjs'))) as { ensureBuilt(part: string, more?: object): Promise<boolean> };
  await ensureBuilt('server');
  await ensureBuilt('app');
}

function plan(options: Options): PlannedFault[] {
  const random = new Random(options.seed);
  const calm = calmKills(options);
  const first = planFaults(random, calm, options.workers, ['worker.kill']).map((f, i) => ({ ...f, worker: i % options.workers, after: 8_000 }));
  const rest = planFaults(random, options.faults - calm, options.workers, options.only);
  return [...(calm > 0 ? first : []), ...rest.map((f) => ({ ...f, lasts: Math.min(f.lasts, options.longestFault) }))];
}

/** Everything that happens to Heddle; resolves when all of it is over and the load has drained. */
async function torment(
  installation: Installation,
  load: Load,
  catalogue: Catalogue,
  options: Options,
  faults: Fault[],
  say: (text: string) => void,
): Promise<number> {
  const log = createWriteStream(join(installation.home, 'logs/faults.ndjson'), { flags: 'a' });
  const under: Promise<void>[] = [];
  const busy = new Map<string, Promise<void>>();
  const random = new Random(options.seed + 1);
  const planned = plan(options);
  for (const [i, planned_] of planned.entries()) {
    await wait(planned_.after);
    const name = planned_.kind === 'web.kill' ? 'web' : installation.workers[planned_.worker]?.name;
    await busy.get(name ?? '');
    const done = strike(installation, planned_, (fault) => {
      faults.push(fault);
      log.write(`${JSON.stringify({ ...fault, held: fault.held?.length })}\n`);
      say(
        `  fault ${i + 1} of ${planned.length}: ${fault.kind} ${fault.target}${fault.lasts ? ` for ${(fault.lasts / 1_000).toFixed(1)} s` : ''}${fault.note ? ` (${fault.note})` : ''}`,
      );
    });
    busy.set(name ?? '', done);
    under.push(done);
    // what crashes by itself, among all the rest
    if (!options.poison || i < calmKills(options)) continue;
    if (i % 10 === 4) void load.startOdd('poison', random.pick(catalogue.poison)).catch(() => {});
    if (i % 10 === 7) void load.startOdd('greedy', random.pick(catalogue.greedy)).catch(() => {});
  }
  await Promise.all(under);
  const last = Date.now();
  await load.stop();
  await drained(installation, last + drainMs);
  log.end();
  return Date.now() - last;
}

/** One run of each kind that kills its process, while nothing else goes wrong: one after the other: three tries are exactly three then. */
async function poisonCalmly(installation: Installation, load: Load, catalogue: Catalogue): Promise<string[]> {
  const ids: string[] = [];
  for (const workflow of catalogue.poison.slice(0, 2)) {
    const id = await load.startOdd('poison', workflow);
    await untilEnded(installation, id, 60_000);
    ids.push(id);
  }
  return ids;
}

async function drained({ database }: Installation, end: number): Promise<void> {
  while (Date.now() < end) {
    const [row] = await database.query<{ n: number }>('SELECT count(*)::int AS n FROM run_queue');
    if (row?.n === 0) return;
    await wait(300);
  }
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const began = Date.now();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const again = `npm run chaos -- --seed ${options.seed} --faults ${options.faults} --runs ${options.inFlight} --workers ${options.workers} --windows ${options.windows}${options.strict ? '' : ' --short'}${options.poison ? '' : ' --no-poison'}${options.only.length ? ` --only ${options.only}` : ''}`;
  say(`chaos: seed ${options.seed}, ${options.inFlight} runs of 20 steps in flight, ${options.workers} workers, ${options.faults} faults`);
  await build(options);
  const deaths: Record<string, number> = {};
  const installation = await install(options, (name, how) => {
    const what = `${name.replace(/-\d+$/, '')} ${how}`;
    deaths[what] = (deaths[what] ?? 0) + 1;
  });
  let well = false;
  const faults: Fault[] = [];
  try {
    const catalogue = await publishAll(installation, paceFor(options.inFlight));
    const load = new Load(installation, catalogue, new Random(options.seed + 2));
    load.keep(options.inFlight);
    await wait(8_000 * paceFor(options.inFlight) ** 0.5);
    const calmPoisons = options.poison ? await poisonCalmly(installation, load, catalogue) : [];
    let throughput: Throughput | undefined;
    if (options.windows > 0) throughput = await measureThroughput(installation, load, catalogue, options.windows, options.windowSeconds, say);
    const drainedMs = await torment(installation, load, catalogue, options, faults, say);
    say('  looking at what is left …');
    const { checks, figures }: { checks: Check[]; figures: Figure[] } = await judge({ installation, load, faults, calmPoisons, throughput, drainedMs });
    const answers = Object.fromEntries([...load.answers].sort());
    const report: Report = {
      seed: options.seed,
      command: again,
      seconds: Math.round((Date.now() - began) / 1_000),
      faults,
      checks,
      figures,
      answers,
      deaths,
      home: undefined,
      strict: options.strict,
    };
    well = isWell(report);
    if (!well || options.keep) report.home = installation.home;
    if (options.json) console.log(JSON.stringify({ ...report, well, faults: faults.map((f) => ({ ...f, held: f.held?.length })) }, null, 2));
    else printReport(report);
  } catch (error) {
    say(`The suite itself failed (seed ${options.seed}); ${installation.home} is kept.`);
    throw error;
  } finally {
    await installation.stop();
    if (well && !options.keep) await installation.remove();
  }
  process.exitCode = well ? 0 : 1;
}

await main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
process.exit();
