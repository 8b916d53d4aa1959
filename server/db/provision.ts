import { timingSafeEqual } from 'node:crypto';
import pg from 'pg';
import { type DatabaseRole, databasePassword, databaseUrlFor, deriveKey } from '@/server/env';
import { connectOwner, DatabaseProblem, placeOf } from './connect-owner';
import { applyMigrations } from './migrate';

const roles: DatabaseRole[] = ['heddle_app', 'heddle_engine'];
/** any number, the same in every Heddle: who prepares a database does it alone */
const lockId = 7_700_001;

export interface PreparedDatabase {
  /** migrations applied just now */
  applied: string[];
  appUrl: string;
  engineUrl: string;
}

/**
 * Makes a database usable by web and worker: PostgreSQL new enough, the right HEDDLE_SECRET, migrated, both roles able to sign in.
 * Repeatable, quick when there is nothing to do, and alone: other processes that prepare the same database wait.
 */
export async function prepareDatabase(root: string, url: string, secret: string, onPending?: (count: number) => void): Promise<PreparedDatabase> {
  const client = await connectOwner(url);
  try {
    await assertVersion(client, url);
    await client.query('SELECT pg_advisory_lock($1)', [lockId]);
    await assertSecret(client, secret, url);
    const applied = await applyMigrations(client, root, url, onPending);
    await provisionDatabase(client, url, secret);
    await makePartitions(client);
    return { applied, appUrl: databaseUrlFor('heddle_app', url, secret), engineUrl: databaseUrlFor('heddle_engine', url, secret) };
  } finally {
    await client.end().catch(() => {});
  }
}

/** The weeks of runs that begin soon. Workers look daily too; whatever has no partition of its own goes to the default one until it has. */
async function makePartitions(client: pg.ClientBase): Promise<void> {
  await client.query('SELECT run_partitions_ahead()').catch((error: { code?: string }) => {
    if (error.code !== '55P03') throw error; // somebody holds the tables for long: a later call makes them
  });
}

/** PostgreSQL 15 and newer. */
export async function assertVersion(client: pg.ClientBase, url: string): Promise<string> {
  const { rows } = await client.query<{ number: string; text: string }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS text`,
  );
  const { number, text } = rows[0] ?? { number: '0', text: 'unknown' };
  if (Number(number) < 150_000) throw new DatabaseProblem(`DATABASE_URL: the database ${placeOf(url)} is PostgreSQL ${text}; Heddle needs 15 or newer.`);
  return text;
}

/** What the database notes of the master secret: enough to recognise it, nothing to derive it from. */
export function secretFingerprint(secret: string): string {
  return deriveKey('fingerprint', secret).toString('hex').slice(0, 32);
}

/** Throws when this database was made with another HEDDLE_SECRET: nothing sealed in it could be read. */
export async function assertSecret(client: pg.ClientBase, secret: string, url: string): Promise<void> {
  const { rows: tables } = await client.query<{ there: boolean }>(`SELECT to_regclass('public.installation') IS NOT NULL AS there`);
  if (!tables[0]?.there) return;
  const { rows } = await client.query<{ secret_fingerprint: string }>('SELECT secret_fingerprint FROM public.installation WHERE id = 1');
  const noted = rows[0]?.secret_fingerprint;
  if (noted === undefined) return;
  const found = secretFingerprint(secret);
  if (noted.length !== found.length || !timingSafeEqual(Buffer.from(noted), Buffer.from(found))) {
    throw new DatabaseProblem(
      `HEDDLE_SECRET is not the one the database ${placeOf(url)} was set up with. Give that one (HEDDLE_SECRET, or the file secret under HEDDLE_HOME); with another, stored credentials cannot be read.`,
    );
  }
}

/** Notes the secret's fingerprint and gives both roles their derived passwords, only where they do not hold already. */
export async function provisionDatabase(client: pg.ClientBase, url: string, secret: string): Promise<void> {
  await client.query('INSERT INTO public.installation (id, secret_fingerprint) VALUES (1, $1) ON CONFLICT DO NOTHING', [secretFingerprint(secret)]);
  await assertSecret(client, secret, url);
  for (const role of roles) {
    const refused = await signIn(role, url, secret);
    if (!refused) continue;
    await enableRole(client, role, secret);
    const still = await signIn(role, url, secret);
    if (still) throw new DatabaseProblem(`The role ${role} cannot sign in to the database ${placeOf(url)}: ${still.message}. Does pg_hba.conf let it in?`);
  }
}

/** Undefined when the role may sign in, else why not. */
async function signIn(role: DatabaseRole, url: string, secret: string): Promise<Error | undefined> {
  const client = new pg.Client({ connectionString: databaseUrlFor(role, url, secret), connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Roles belong to the whole server, so two Heddles with different secrets on one server would lock each other out in turn.
 * The role carries a note of the secret and database it was last set up for.
 */
async function assertRoleNotTaken(client: pg.ClientBase, role: DatabaseRole, name: string, fingerprint: string): Promise<void> {
  const { rows } = await client.query<{ note: string | null }>(`SELECT shobj_description(oid, 'pg_authid') AS note FROM pg_roles WHERE rolname = $1`, [role]);
  const [, noted, database] = /^heddle (\w+) (.+)$/.exec(rows[0]?.note ?? '') ?? [];
  if (!noted || noted === fingerprint || database === name) return;
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
  if (!rowCount) return;
  throw new DatabaseProblem(
    `The server of DATABASE_URL already serves another Heddle (database ${database}) with another HEDDLE_SECRET, and both would use the role ${role}. Give both the same HEDDLE_SECRET, or this one a server of its own.`,
  );
}

async function enableRole(client: pg.ClientBase, role: DatabaseRole, secret: string): Promise<void> {
  const { rows } = await client.query<{ name: string; who: string }>('SELECT current_database() AS name, current_user AS who');
  const { name, who } = rows[0] ?? { name: '', who: '' };
  await assertRoleNotTaken(client, role, name, secretFingerprint(secret));
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query(`ALTER ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(databasePassword(role, secret))}`);
      await client.query(`COMMENT ON ROLE ${role} IS ${pg.escapeLiteral(`heddle ${secretFingerprint(secret)} ${name}`)}`);
      await client.query(`GRANT CONNECT ON DATABASE ${pg.escapeIdentifier(name)} TO ${role}`);
      return;
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      // roles belong to the whole server: two databases of it may be prepared at once
      if (code === 'XX000' && attempt < 5) {
        await new Promise((resolve) => setTimeout(resolve, 50 * attempt));
        continue;
      }
      if (code === '42501') {
        throw new DatabaseProblem(
          `DATABASE_URL: the role ${who} may not change the role ${role} (${message}). Let an administrator run: GRANT ${role} TO ${who} WITH ADMIN OPTION (and CREATEROLE for ${who}).`,
        );
      }
      throw error;
    }
  }
}
