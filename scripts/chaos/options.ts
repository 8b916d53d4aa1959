import { parseArgs } from 'node:util';

export interface Options {
  seed: number;
  /** runs in flight at once while faults happen */
  inFlight: number;
  faults: number;
  workers: number;
  /** measured windows of throughput, without and with poison in turn; 0 leaves that part out */
  windows: number;
  windowSeconds: number;
  json: boolean;
  keep: boolean;
  /** build the server first (default); the app is built when it never was */
  build: boolean;
  /** ms a fault lasts at most */
  longestFault: number;
  /** figures that miss their goal fail the suite; not in the short form, whose machine may have other things to do */
  strict: boolean;
  /** runs that crash their process, and runs that want too much memory, among the others */
  poison: boolean;
  /** only these kinds of fault */
  only: string[];
}

const help = `npm run chaos [-- options]   the crash suite on real processes, a real PostgreSQL (fsync on) and real HTTP

  --short            150 runs in flight, 12 faults, one to two minutes: what CI runs;
                     figures are told, not judged
  --long             1,000 runs in flight, 100 faults (default)
  --seed N           the same schedule of faults and load as a run that printed N
  --faults N, --runs N (in flight at once), --workers N
  --windows N        pairs of windows that measure throughput without and with poison; 0: none
  --window-seconds N
  --only a,b         these kinds of fault alone (worker.kill, net.cut …)
  --no-poison        no runs that crash their process or want too much memory
  --json             figures as JSON
  --keep             keep the folder of logs and database even when all is well
  --no-build         use dist/ and .next as they are
`;

/** Reads the command line; prints the help and ends for --help. */
export function readOptions(args: string[]): Options {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args,
    options: {
      short: flag,
      long: flag,
      json: flag,
      keep: flag,
      help: flag,
      'no-build': flag,
      'no-poison': flag,
      seed: text,
      faults: text,
      runs: text,
      workers: text,
      windows: text,
      'window-seconds': text,
      only: text,
    },
  });
  if (values.help) {
    process.stdout.write(help);
    process.exit(0);
  }
  const number = (given: string | undefined, otherwise: number): number => {
    const value = given === undefined ? otherwise : Number(given);
    if (!Number.isInteger(value) || value < 0) throw new Error(`"${given}" is no whole number`);
    return value;
  };
  const { short } = values;
  return {
    seed: number(values.seed, Math.floor(Math.random() * 1_000_000_000)),
    inFlight: number(values.runs, short ? 150 : 1_000),
    faults: number(values.faults, short ? 12 : 100),
    workers: number(values.workers, 3),
    windows: number(values.windows, short ? 0 : 4),
    windowSeconds: number(values['window-seconds'], short ? 6 : 15),
    json: values.json ?? false,
    keep: values.keep ?? false,
    build: !values['no-build'],
    longestFault: short ? 12_000 : 45_000,
    strict: !short,
    poison: !values['no-poison'],
    only: values.only?.split(',') ?? [],
  };
}

/** How much longer runs take so that this many can be in flight at once: two cores do forty such runs a second, and are to have some time left for those that resume. */
export const paceFor = (inFlight: number): number => Math.max(1, inFlight / 60);
