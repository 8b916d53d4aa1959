import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { prepareDatabase } from '@/server/db/provision';
import { databaseUrlFor, env, resetEnv } from '@/server/env';
import { projectRoot } from '@/server/processes/project-root';
import { withDatabase } from '@/server/processes/with-database';
import type { Product } from './product';
import { percentile, type Row } from './row';

const settings = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off';
const GATE_CAP = 40;

interface Lease {
  id: string;
  fence: number;
}

/** The SQL of the run queue by itself, on a database of its own without workers: what one fetch costs as the queue grows, and whether caps hold. */
export async function benchQueue(product: Product): Promise<Row[]> {
  resetEnv(product.environment);
  return withDatabase(async ({ url }) => {
    const secret = env().HEDDLE_SECRET ?? '';
    const own = new URL(url);
    own.pathname = '/heddle_bench_queue';
    await admin(url, 'DROP DATABASE IF EXISTS heddle_bench_queue WITH (FORCE)', 'CREATE DATABASE heddle_bench_queue');
    try {
      await prepareDatabase(projectRoot(), own.href, secret);
      return await measureQueue(own.href, databaseUrlFor('heddle_engine', own.href, secret));
    } finally {
      await admin(url, 'DROP DATABASE IF EXISTS heddle_bench_queue WITH (FORCE)');
    }
  });
}

async function admin(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** The measurements, on an empty migrated database. */
export async function measureQueue(ownerUrl: string, engineUrl: string): Promise<Row[]> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  const workers = await Promise.all(
    Array.from({ length: 4 }, async (_, i) => {
      const client = new pg.Client({ connectionString: engineUrl, options: settings });
      await client.connect();
      return new BenchWorker(i + 1, client);
    }),
  );
  const [first] = workers as [BenchWorker];
  try {
    const rows: Row[] = [];
    for (const [size, label] of [
      [10_000, '10 k'],
      [1_000_000, '1 M'],
    ] as const) {
      rows.push(...(await fetches(owner, first, size, label)));
    }
    rows.push(await manyTenants(owner, first));
    rows.push(await throughput(owner, [first], 1_000), await throughput(owner, workers, 1_000));
    rows.push(...(await gates(owner, workers)));
    return rows;
  } finally {
    for (const worker of workers) await worker.client.end();
    await owner.end();
  }
}

class BenchWorker {
  held: Lease[] = [];
  ended = 0;
  constructor(
    readonly id: number,
    readonly client: pg.Client,
  ) {}

  /** One cycle: ends some leases, asks for n, and returns how long that took, ms. */
  async cycle(n: number, done: Lease[] = [], act: string[] = []): Promise<number> {
    const began = performance.now();
    const { rows } = await this.client.query<Lease>({
      name: 'cycle',
      text: 'SELECT id, fence FROM rq_cycle($1, $2, $3, $4, $5)',
      values: [this.id, n, done.map((d) => d.id), done.map((d) => d.fence), act],
    });
    const took = performance.now() - began;
    this.held.push(...rows);
    this.ended += done.length;
    return took;
  }
}

const organization = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** Empties the queue and fills it: `runs` runs spread over organizations `from` to `from + of - 1`, with gates when given. */
async function fill(owner: pg.Client, runs: number, from: number, of: number, gate?: string): Promise<void> {
  await owner.query(
    `WITH r AS (INSERT INTO run (organization_id, id, workflow_id, version_id, trigger, input)
       SELECT ('00000000-0000-7000-8000-' || lpad((i % $3 + $2)::text, 12, '0'))::uuid, overlay(gen_random_uuid()::text PLACING $5 FROM 1 FOR 15)::uuid,
              '00000000-0000-7000-8000-0000000000aa', '00000000-0000-7000-8000-0000000000bb', 'api', '{}' FROM generate_series(1, $1) i RETURNING organization_id, id)
     INSERT INTO run_queue (organization_id, run_id, state, gates) SELECT organization_id, id, CASE WHEN $4::text IS NULL THEN 0 ELSE 2 END, CASE WHEN $4::text IS NOT NULL THEN ARRAY[$4] END FROM r`,
    [runs, from, of, gate ?? null, uuid().slice(0, 15)],
  );
}

async function empty(owner: pg.Client): Promise<void> {
  await owner.query('TRUNCATE run, run_queue, queue_tenant, queue_gate');
}

const vacuum = (owner: pg.Client) => owner.query('VACUUM (ANALYZE) run_queue, queue_tenant, run');

/** What a fetch of 50 costs while one organization has that many queued: free, at its cap, and with all of them held by a gate. */
async function fetches(owner: pg.Client, worker: BenchWorker, size: number, label: string): Promise<Row[]> {
  const measure = async (prepare: () => Promise<unknown>): Promise<number> => {
    await prepare();
    await vacuum(owner);
    worker.held = [];
    await owner.query('SELECT rq_discover()');
    const took: number[] = [];
    for (let i = 0; i < 60; i++) {
      const done = worker.held.splice(0, 50);
      const ms = await worker.cycle(50, done);
      if (i >= 10) took.push(ms);
    }
    return percentile(took, 0.5);
  };
  await empty(owner);
  const free = await measure(async () => {
    await fill(owner, size, 1, 1);
    await fill(owner, 20_000, 2, 20);
  });
  const capped = await measure(() => owner.query('UPDATE queue_tenant SET cap = running WHERE organization_id = $1', [organization(1)]));
  await empty(owner);
  const held = await measure(async () => {
    await fill(owner, size, 1, 1, `workflow:w=${GATE_CAP}`);
    await fill(owner, 20_000, 2, 20);
    while ((await owner.query<{ n: number }>('SELECT rq_discover() AS n')).rows[0]?.n);
  });
  return [
    { name: `fetch of 50 with ${label} queued`, value: free, unit: 'ms', better: 'lower', note: 'settle 50, lease 50, one round trip; median' },
    { name: `the same, all but 20,000 of an organization at its cap`, value: capped, unit: 'ms', better: 'lower', ...(size > 10_000 ? { goal: 5 } : {}) },
    { name: `the same, all but 20,000 held by a gate`, value: held, unit: 'ms', better: 'lower', ...(size > 10_000 ? { goal: 5 } : {}) },
  ];
}

/** A start of an organization that was idle, while 10,000 organizations are known: activation must not look at all of them. */
async function manyTenants(owner: pg.Client, worker: BenchWorker): Promise<Row> {
  await empty(owner);
  await owner.query(
    `INSERT INTO queue_tenant (organization_id, vt) SELECT ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, random() * 1000 FROM generate_series(1, 10000) i`,
  );
  await vacuum(owner);
  const took: number[] = [];
  worker.held = [];
  for (let i = 1; i <= 200; i++) {
    await fill(owner, 1, i, 1);
    took.push(await worker.cycle(50, worker.held.splice(0), [organization(i)]));
  }
  return { name: 'fetch of one start, 10,000 idle organizations', value: percentile(took, 0.5), unit: 'ms', better: 'lower', note: 'median' };
}

/** Runs through the queue alone: lease, settle, nothing in between. */
async function throughput(owner: pg.Client, workers: BenchWorker[], organizations: number): Promise<Row> {
  const runs = 40_000;
  await empty(owner);
  await fill(owner, runs, 1, organizations);
  await vacuum(owner);
  await owner.query('SELECT rq_discover()');
  for (const worker of workers) worker.held = [];
  const began = performance.now();
  await Promise.all(
    workers.map(async (worker) => {
      for (let empty = 0; empty < 3; ) {
        await worker.cycle(256, worker.held.splice(0));
        empty = worker.held.length === 0 ? empty + 1 : 0;
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const who = workers.length === 1 ? 'one worker' : `${workers.length} workers`;
  return { name: `queue alone, ${organizations.toLocaleString('en')} organizations, ${who}`, value: runs / seconds, unit: 'runs/s', better: 'higher' };
}

/** 20,000 runs behind one gate and four workers that end leases at random: throughput, and by how much the cap was ever exceeded. */
async function gates(owner: pg.Client, workers: BenchWorker[]): Promise<Row[]> {
  const runs = 20_000;
  await empty(owner);
  await fill(owner, runs, 1, 2, `workflow:w=${GATE_CAP}`);
  await owner.query('SELECT rq_discover()');
  for (const worker of workers) {
    worker.held = [];
    worker.ended = 0;
  }
  let most = 0;
  let going = true;
  const watch = (async () => {
    while (going) {
      const { rows } = await owner.query<{ n: number }>(
        'SELECT coalesce(max(n), 0)::int AS n FROM (SELECT count(*) AS n FROM run_queue WHERE state = 1 GROUP BY organization_id) x',
      );
      most = Math.max(most, rows[0]?.n ?? 0);
    }
  })();
  const began = performance.now();
  const ended = () => workers.reduce((sum, worker) => sum + worker.ended, 0);
  await Promise.all(
    workers.map(async (worker) => {
      while (ended() < runs) {
        const done = worker.held.splice(0, Math.ceil(Math.random() * worker.held.length));
        await worker.cycle(256, done, worker.ended < 100 ? [organization(1), organization(2)] : []);
        if (worker.held.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  going = false;
  await watch;
  return [
    { name: `queue alone, two gates of ${GATE_CAP}, 4 workers`, value: runs / seconds, unit: 'runs/s', better: 'higher' },
    { name: 'runs over the cap at any moment', value: Math.max(0, most - GATE_CAP), unit: 'runs', goal: 0, better: 'lower', note: `${most} at most` },
  ];
}
