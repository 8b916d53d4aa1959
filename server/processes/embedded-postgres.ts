import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { processEnvironment } from '@/server/env';
import { freePort, isPortFree } from './free-port';
import { type PostgresBinaries, postgresBinaries } from './postgres-binaries';
import { type Cluster, ensureCluster, saveCluster } from './postgres-cluster';
import { stopLeftoverPostgres } from './postgres-leftover';
import { isAlive, waitForExit } from './process-identity';
import { type UnprivilegedUser, unprivilegedUser } from './unprivileged-user';

export interface EmbeddedPostgres {
  /** the owner's address of the database `heddle` */
  url: string;
  pid: number;
  /** resolves when the server process ends, whoever ended it */
  exited: Promise<void>;
  /** fast shutdown: running statements are cancelled, everything committed is on disk */
  stop(): Promise<void>;
}

/** What is measured in design §5: durable, group commits, recycled WAL; small, since it shares the machine with Heddle itself. */
const settings: Record<string, string | number> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 100,
  shared_buffers: '128MB',
  fsync: 'on',
  synchronous_commit: 'on',
  min_wal_size: '1GB',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  jit: 'off',
  // a small machine's share: reads are few and cached, nothing replicates logically
  io_method: 'sync',
  max_logical_replication_workers: 0,
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  effective_cache_size: '1GB',
  random_page_cost: 1.1,
  idle_in_transaction_session_timeout: '60s',
  autovacuum_naptime: '15s',
  autovacuum_max_workers: 2,
  autovacuum_vacuum_cost_limit: 1000,
  log_min_messages: 'warning',
  log_line_prefix: '%m [%p] ',
  timezone: 'UTC',
};

/** Starts the PostgreSQL of this HEDDLE_HOME; makes it on the first start, stops one that an earlier crash left behind. */
export async function startEmbeddedPostgres(root: string, home: string, onStep: (text: string) => void = () => {}): Promise<EmbeddedPostgres> {
  const user = unprivilegedUser();
  const binaries = postgresBinaries(root, user);
  const cluster = await ensureCluster(home, binaries, user, onStep);
  await stopLeftoverPostgres(cluster.data);
  const server = await startServer(home, cluster, binaries, user);
  const url = ownerUrl(cluster, 'heddle');
  try {
    await ensureDatabase(cluster);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { url, ...server };
}

/** The address of an embedded PostgreSQL that another process started, from what was noted in HEDDLE_HOME. */
export function ownerUrl(cluster: Cluster, database: string): string {
  return `postgresql://${cluster.user}:${cluster.password}@127.0.0.1:${cluster.port}/${database}`;
}

type Server = Omit<EmbeddedPostgres, 'url'>;

async function startServer(home: string, cluster: Cluster, binaries: PostgresBinaries, user: UnprivilegedUser | undefined): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    if (!cluster.port || !(await isPortFree(cluster.port, '127.0.0.1'))) {
      cluster.port = await freePort('127.0.0.1');
      saveCluster(home, cluster);
    }
    const log = join(home, 'postgres.log');
    if (existsSync(log) && statSync(log).size > 5_000_000) renameSync(log, `${log}.1`);
    const from = existsSync(log) ? statSync(log).size : 0;
    const child = spawnServer(log, cluster, binaries, user);
    const server = serverOf(child);
    if (await answers(cluster, child)) return server;
    await server.stop();
    const said = readFileSync(log, 'utf8').slice(from).trim();
    const passes = /could not bind|pre-existing shared memory|postmaster\.pid/.test(said);
    if (passes && attempt < 20) {
      if (/could not bind/.test(said)) cluster.port = 0;
      await new Promise((resolve) => setTimeout(resolve, 250));
      continue;
    }
    throw new Error(`The embedded PostgreSQL does not start. It says (${log}):\n${said.split('\n').slice(-15).join('\n')}`);
  }
}

function spawnServer(log: string, cluster: Cluster, binaries: PostgresBinaries, user: UnprivilegedUser | undefined): ChildProcess {
  const output = openSync(log, 'a', 0o600);
  const args = [
    '-D',
    cluster.data,
    '-p',
    String(cluster.port),
    ...Object.entries({ ...settings, ...cluster.settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const { PATH, TZ } = processEnvironment();
  // a session of its own: Ctrl-C in the terminal must reach web and worker first, PostgreSQL last
  const child = spawn(binaries.postgres, args, {
    ...user,
    cwd: '/',
    detached: true,
    env: { PATH, TZ, LC_ALL: 'C', NODE_ENV: undefined } as unknown as NodeJS.ProcessEnv,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  return child;
}

/**
 * kill -9 of this process leaves PostgreSQL to nobody. A shell waits at the end of a pipe that the kernel closes when we die,
 * however that happens, and then asks PostgreSQL for a fast shutdown.
 */
function guard(pid: number): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined;
  const shell = spawn('/bin/sh', ['-c', 'cat >/dev/null; kill -INT "$0" 2>/dev/null', String(pid)], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.on('error', () => {});
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return shell;
}

function serverOf(child: ChildProcess): Server {
  const pid = child.pid ?? 0;
  const watcher = pid ? guard(pid) : undefined;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  }).then(() => {
    // by id while it cannot have been given to another process: the shell must not signal a stranger later
    watcher?.kill('SIGKILL');
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null || !pid) return exited;
    child.kill('SIGINT');
    const urge = setTimeout(() => child.kill('SIGQUIT'), 3_500);
    await exited;
    clearTimeout(urge);
    await waitForExit(pid, 1_000);
  };
  return { pid, exited, stop };
}

/** Waits until connections are accepted; recovery after a crash may take a while. False when the server gave up. */
async function answers(cluster: Cluster, child: ChildProcess): Promise<boolean> {
  const end = Date.now() + 600_000;
  while (child.exitCode === null && child.signalCode === null && child.pid && isAlive(child.pid) && Date.now() < end) {
    const client = new pg.Client({ connectionString: ownerUrl(cluster, 'postgres'), connectionTimeoutMillis: 5_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return true;
    } catch (error) {
      const { code } = error as { code?: string };
      // the server answers, but not to us: waiting would not help
      if (code === '28P01' || code === '28000')
        throw new Error(`The embedded PostgreSQL refuses the password noted in HEDDLE_HOME/postgres.json: ${(error as Error).message}`);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }
  return false;
}

/** Makes the database `heddle`, and turns on lz4 for the WAL where this PostgreSQL was built with it. */
async function ensureDatabase(cluster: Cluster): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl(cluster, 'postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query(`SELECT FROM pg_database WHERE datname = 'heddle'`);
    if (rowCount) return;
    await client.query('CREATE DATABASE heddle');
    const { rows } = await client.query<{ lz4: boolean }>(`SELECT 'lz4' = ANY (enumvals) AS lz4 FROM pg_settings WHERE name = 'wal_compression'`);
    if (rows[0]?.lz4) {
      await client.query('ALTER SYSTEM SET wal_compression = lz4');
      await client.query('SELECT pg_reload_conf()');
    }
  } finally {
    await client.end();
  }
}
