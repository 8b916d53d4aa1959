import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { resetEnv } from '@/server/env';
import { withDatabase } from '@/server/processes/with-database';
import { freePort, type Product } from './product';
import type { Row } from './row';

const run = promisify(execFile);
/** exact versions, so that a figure can be repeated; installed into a scratch folder, never into the project */
const packages = ['@dbos-inc/dbos-sdk@5.3.0', 'bullmq@6.7.0', 'ioredis@6.0.0'];
/** runs in flight at a time: Heddle's worker takes 256 */
const WIDTH = 256;

/** The same ten-node DAG on DBOS (on Heddle's own PostgreSQL) and BullMQ (on a Redis of Debian's packages with appendfsync always), each in a process of its own. */
export async function benchPeers(product: Product): Promise<Row[]> {
  const scratch = join(tmpdir(), 'heddle-bench-peers');
  await mkdir(scratch, { recursive: true });
  await writeFile(join(scratch, 'package.json'), JSON.stringify({ name: 'peers', private: true, type: 'module' }));
  await run('npm', ['install', '--no-audit', '--no-fund', '--save-exact', ...packages], { cwd: scratch });
  for (const name of ['dbos.mjs', 'bullmq.mjs']) await copyFile(join(import.meta.dirname, 'peers', name), join(scratch, name));
  return [...(await dbos(product, scratch)), ...(await bullmq(scratch))];
}

async function peer(scratch: string, program: string, args: (string | number)[]): Promise<{ runsPerSecond: number; idleP50: number }> {
  const { stdout } = await run('node', [join(scratch, program), ...args.map(String)], { cwd: scratch, timeout: 300_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

function rows(name: string, { runsPerSecond, idleP50 }: { runsPerSecond: number; idleP50: number }, note: string): Row[] {
  return [
    { name: `${name}: runs of the same DAG`, value: runsPerSecond, unit: 'runs/s', better: 'higher', note },
    { name: `${name}: idle, start to result, p50`, value: idleP50, unit: 'ms', better: 'lower' },
  ];
}

function dbos(product: Product, scratch: string): Promise<Row[]> {
  resetEnv(product.environment);
  return withDatabase(async ({ url }) => {
    const owner = new pg.Client({ connectionString: url });
    await owner.connect();
    const address = new URL(url);
    address.pathname = '/heddle_bench_dbos';
    try {
      await owner.query('CREATE DATABASE heddle_bench_dbos');
      return rows('DBOS 5.3', await peer(scratch, 'dbos.mjs', [address.href, 2_000, WIDTH]), 'a step a node, the same PostgreSQL');
    } finally {
      await owner.query('DROP DATABASE IF EXISTS heddle_bench_dbos WITH (FORCE)');
      await owner.end();
    }
  });
}

async function bullmq(scratch: string): Promise<Row[]> {
  const port = await freePort();
  const data = await mkdtemp(join(tmpdir(), 'heddle-bench-redis-'));
  const redis = spawn('redis-server', ['--port', String(port), '--dir', data, '--appendonly', 'yes', '--appendfsync', 'always', '--save', ''], {
    stdio: 'ignore',
  });
  const missing = new Promise<boolean>((resolve) => {
    redis.once('error', () => resolve(true));
    redis.once('spawn', () => resolve(false));
  });
  if (await missing) {
    process.stderr.write('bench: BullMQ is left out, there is no redis-server (apt-get install redis-server)\n');
    return [];
  }
  try {
    return rows('BullMQ 6.7', await peer(scratch, 'bullmq.mjs', [port, 10_000, WIDTH]), 'one job a run, its data saved after each node, appendfsync always');
  } finally {
    redis.kill();
    await rm(data, { recursive: true, force: true });
  }
}
