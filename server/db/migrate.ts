import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { processEnvironment } from '@/server/env';
import { DatabaseProblem } from './connect-owner';

export interface MigrationState {
  applied: string[];
  pending: string[];
  /** begun and not finished: someone has to look */
  failed: string[];
  /** of a newer Heddle than this one */
  unknown: string[];
}

/** The migrations this Heddle brings, in their order. */
export function migrationsOf(root: string): string[] {
  const folder = join(root, 'prisma/migrations');
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'migration.sql')))
    .sort();
}

/** Compares the migrations of this Heddle with what the database has seen. One query, so that a second start is quick. */
export async function migrationState(client: pg.ClientBase, root: string): Promise<MigrationState> {
  const wanted = migrationsOf(root);
  const { rows: tables } = await client.query<{ there: boolean }>(`SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS there`);
  if (!tables[0]?.there) return { applied: [], pending: wanted, failed: [], unknown: [] };
  const { rows } = await client.query<{ migration_name: string; finished_at: Date | null }>(
    'SELECT migration_name, finished_at FROM public._prisma_migrations WHERE rolled_back_at IS NULL',
  );
  const applied = rows.filter((r) => r.finished_at).map((r) => r.migration_name);
  const failed = rows.filter((r) => !r.finished_at).map((r) => r.migration_name);
  return { applied, failed, pending: wanted.filter((name) => !applied.includes(name)), unknown: applied.filter((name) => !wanted.includes(name)) };
}

/** Applies what is pending with `prisma migrate deploy`. Resolves to the names applied. `client` is the owner's connection. */
export async function applyMigrations(client: pg.ClientBase, root: string, url: string, onPending: (count: number) => void = () => {}): Promise<string[]> {
  const state = await migrationState(client, root);
  if (state.failed.length > 0) {
    throw new DatabaseProblem(
      `The migration ${state.failed.join(', ')} was begun on this database and did not finish. Look at it, then tell Prisma which it was: npx prisma migrate resolve --rolled-back ${state.failed[0]}`,
    );
  }
  if (state.pending.length === 0) return [];
  onPending(state.pending.length);
  await assertMayMigrate(client);
  await deploy(root, url);
  return state.pending;
}

/** The migrations make two roles and own everything else: said before anything is written. */
async function assertMayMigrate(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ who: string; may_create_roles: boolean; may_create: boolean; roles: number; may_create_schema: boolean }>(
    `SELECT current_user AS who, r.rolcreaterole OR r.rolsuper AS may_create_roles, has_schema_privilege('public', 'CREATE') AS may_create,
            coalesce(has_schema_privilege(to_regnamespace('partitions')::oid, 'CREATE'), has_database_privilege(current_database(), 'CREATE')) AS may_create_schema,
            (SELECT count(*)::int FROM pg_roles WHERE rolname IN ('heddle_app', 'heddle_engine')) AS roles
     FROM pg_roles r WHERE r.rolname = current_user`,
  );
  const found = rows[0];
  if (!found) return;
  if (!found.may_create_roles && found.roles < 2) {
    throw new DatabaseProblem(
      `DATABASE_URL: the role ${found.who} may not create roles, and Heddle needs heddle_app and heddle_engine. Either: ALTER ROLE ${found.who} CREATEROLE, or let an administrator create both roles.`,
    );
  }
  if (!found.may_create) {
    throw new DatabaseProblem(
      `DATABASE_URL: the role ${found.who} may not create tables in the schema public. Make it the owner of the database, or: GRANT CREATE ON SCHEMA public TO ${found.who}`,
    );
  }
  if (!found.may_create_schema) {
    throw new DatabaseProblem(
      `DATABASE_URL: the role ${found.who} may not create the schema "partitions", where Heddle keeps the weeks of runs. Let an administrator run: CREATE SCHEMA partitions AUTHORIZATION ${found.who}`,
    );
  }
}

async function deploy(root: string, url: string): Promise<void> {
  const env = {
    ...processEnvironment(),
    DATABASE_URL: url,
    PRISMA_SCHEMA_ENGINE_BINARY: join(root, 'scripts/prisma-schema-engine.mjs'),
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
    NO_COLOR: '1',
  } as unknown as NodeJS.ProcessEnv;
  const output: string[] = [];
  const code = await new Promise<number | string | null>((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'node_modules/prisma/build/index.js'), 'migrate', 'deploy'], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk) => output.push(String(chunk)));
    child.stderr.on('data', (chunk) => output.push(String(chunk)));
    child.once('error', reject);
    child.once('close', (exit, signal) => resolve(signal ?? exit));
  });
  if (code !== 0) throw new DatabaseProblem(`The migrations could not be applied.\n${output.join('').trim()}`);
}
