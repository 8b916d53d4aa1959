import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { databasePassword, processEnvironment } from '@/server/env';
import { freePort } from '@/server/processes/free-port';
import { postgresBinaries } from '@/server/processes/postgres-binaries';
import { unprivilegedUser } from '@/server/processes/unprivileged-user';

/** The HEDDLE_SECRET of every test database. */
export const testSecret = 'a-secret-for-tests-alone-0123456789abcdef';

declare module 'vitest' {
  interface ProvidedContext {
    /** address of the PostgreSQL that the suites clone their databases on, as its superuser */
    postgresUrl: string;
    templateName: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

interface Server {
  url: string;
  template: string;
  stop: () => Promise<void>;
}
// Both projects that need a database name this file as their globalSetup: they share one server.
const shared = globalThis as { __heddleTestPostgres?: Promise<Server>; __heddleTestPostgresUsers?: number };

/** Vitest's globalSetup: one PostgreSQL and one migrated template database for all suites. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.__heddleTestPostgres ??= start();
  shared.__heddleTestPostgresUsers = (shared.__heddleTestPostgresUsers ?? 0) + 1;
  const server = await shared.__heddleTestPostgres;
  project.provide('postgresUrl', server.url);
  project.provide('templateName', server.template);
  return async () => {
    shared.__heddleTestPostgresUsers = (shared.__heddleTestPostgresUsers ?? 1) - 1;
    if (shared.__heddleTestPostgresUsers === 0) {
      shared.__heddleTestPostgres = undefined;
      await server.stop();
    }
  };
}

async function start(): Promise<Server> {
  const given = processEnvironment().TEST_DATABASE_URL;
  const { url, stop } = given ? { url: given, stop: async () => {} } : await startEmbedded();
  try {
    return { url, stop, template: await makeTemplate(url) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The template's name carries a hash of the migrations, so that a kept server is migrated again only when they changed. */
async function makeTemplate(url: string): Promise<string> {
  const name = `heddle_template_${migrationsHash()}`;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  try {
    await admin.query('SELECT pg_advisory_lock(7700)');
    const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) {
      const building = `${name}_building`;
      await admin.query(`DROP DATABASE IF EXISTS ${building} WITH (FORCE)`);
      await admin.query(`CREATE DATABASE ${building}`);
      await migrate(databaseUrl(url, building));
      await admin.query(`ALTER DATABASE ${building} RENAME TO ${name}`);
    }
    for (const role of ['heddle_app', 'heddle_engine'] as const) {
      await admin.query(`ALTER ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(databasePassword(role, testSecret))}`);
    }
    return name;
  } finally {
    await admin.end();
  }
}

async function migrate(url: string): Promise<void> {
  const env = {
    ...processEnvironment(),
    DATABASE_URL: url,
    PRISMA_SCHEMA_ENGINE_BINARY: join(root, 'scripts/prisma-schema-engine.mjs'),
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  };
  try {
    await run(process.execPath, [join(root, 'node_modules/prisma/build/index.js'), 'migrate', 'deploy'], { cwd: root, env });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`The migrations do not apply to an empty database.\n${stdout ?? ''}\n${stderr ?? ''}`, { cause: error });
  }
}

function migrationsHash(): string {
  const hash = createHash('sha256');
  const folder = join(root, 'prisma/migrations');
  for (const name of readdirSync(folder).sort()) {
    if (name.endsWith('.toml')) continue;
    hash.update(name).update(readFileSync(join(folder, name, 'migration.sql')));
  }
  return hash.digest('hex').slice(0, 12);
}

/** The same server, another database. */
export function databaseUrl(url: string, name: string): string {
  const result = new URL(url);
  result.pathname = `/${name}`;
  return result.toString();
}

/** A PostgreSQL of our own in a temporary folder. It dies with this process, however that ends: a shell waits for the pipe to close. */
async function startEmbedded(): Promise<{ url: string; stop: () => Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'heddle-test-pg-'));
  const user = unprivilegedUser();
  const { initdb, postgres } = postgresBinaries(root, user);
  const data = join(directory, 'data');
  mkdirSync(data);
  if (user) {
    chmodSync(directory, 0o755);
    chownSync(data, user.uid, user.gid);
  }
  const environment = { ...processEnvironment(), LC_ALL: 'C' };
  const as = { cwd: '/', env: environment, ...user };
  await run(
    initdb,
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
    as,
  );
  const port = await freePort('127.0.0.1');
  const settings = [
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=64MB',
    'log_min_messages=warning',
    'wal_level=minimal',
    'max_wal_senders=0',
  ];
  const server = spawn(postgres, ['-D', data, '-p', String(port), ...settings.flatMap((s) => ['-c', s])], {
    ...as,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log: string[] = [];
  server.stderr.on('data', (chunk: Buffer) => log.push(String(chunk)) > 200 && log.shift());
  const gone = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const guard = spawn('/bin/sh', ['-c', 'cat >/dev/null; kill -INT "$0" 2>/dev/null; sleep 1; rm -rf "$1"', String(server.pid), directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.unref();
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  await answers(url, () => (server.exitCode === null ? undefined : log.join('')));
  const stop = async (): Promise<void> => {
    server.kill('SIGINT');
    await gone;
    rmSync(directory, { recursive: true, force: true });
    guard.stdin.end();
  };
  return { url, stop };
}

async function answers(url: string, failure: () => string | undefined): Promise<void> {
  for (let waited = 0; ; waited += 50) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return;
    } catch (error) {
      const log = failure();
      if (log !== undefined || waited > 20_000) throw new Error(`The test PostgreSQL did not start. ${log ?? ''}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
