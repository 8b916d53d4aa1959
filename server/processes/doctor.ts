import { existsSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { probeStore } from '@/server/blobs';
import { connectOwner, placeOf } from '@/server/db/connect-owner';
import { migrationState } from '@/server/db/migrate';
import { assertSecret, assertVersion } from '@/server/db/provision';
import { databaseUrlFor, env } from '@/server/env';
import { ownerUrl } from './embedded-postgres';
import { isPortFree } from './free-port';
import { ensureMasterSecret, openHome } from './home';
import { lockHolder } from './home-lock';
import { readCluster } from './postgres-cluster';

export interface Finding {
  name: string;
  state: 'ok' | 'warning' | 'problem';
  text: string;
}

/** `heddle doctor`: looks at everything Heddle needs and changes nothing (but makes HEDDLE_HOME when it is absent). */
export async function diagnose(root: string): Promise<Finding[]> {
  const findings: Finding[] = [checkNode()];
  const home = await attempt(findings, 'environment', () => {
    const folder = openHome();
    return { value: folder, text: `valid; HEDDLE_HOME is ${folder}` };
  });
  if (!home) return findings;
  const running = lockHolder(home);
  findings.push({
    name: 'process',
    state: 'ok',
    text: running ? `\`${running.command}\` runs here (process ${running.pid})` : 'nothing runs on this HEDDLE_HOME',
  });
  findings.push(await checkPort(running !== undefined), checkDisk(home), await checkBlobs());
  const secret = await attempt(findings, 'secret', () => checkSecret(home));
  findings.push(...(await checkDatabase(root, home, secret, running !== undefined)));
  return findings;
}

/** Writes, reads and removes a few bytes: a bucket's rights are known only then. */
async function checkBlobs(): Promise<Finding> {
  try {
    return { name: 'blob store', state: 'ok', text: `can be written and read: ${await probeStore()}` };
  } catch (error) {
    return { name: 'blob store', state: 'problem', text: (error as Error).message };
  }
}

async function attempt<T>(
  findings: Finding[],
  name: string,
  look: () => { value: T; text: string } | Promise<{ value: T; text: string }>,
): Promise<T | undefined> {
  try {
    const { value, text } = await look();
    findings.push({ name, state: 'ok', text });
    return value;
  } catch (error) {
    findings.push({ name, state: 'problem', text: (error as Error).message });
    return undefined;
  }
}

function checkNode(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  return {
    name: 'node',
    state: major >= 22 ? 'ok' : 'problem',
    text: `${process.versions.node} on ${process.platform} ${process.arch}${major >= 22 ? '' : '; 22 or newer is needed'}`,
  };
}

async function checkPort(running: boolean): Promise<Finding> {
  const { PORT, HOST } = env();
  const free = PORT === 0 || (await isPortFree(PORT, HOST));
  if (free) return { name: 'port', state: 'ok', text: `${PORT} on ${HOST} is free` };
  return running
    ? { name: 'port', state: 'ok', text: `${PORT} on ${HOST} is in use, presumably by Heddle` }
    : { name: 'port', state: 'problem', text: `${PORT} on ${HOST} is taken by another program; set PORT` };
}

function checkDisk(home: string): Finding {
  const { bavail, bsize } = statfsSync(home);
  const free = Number(bavail) * Number(bsize);
  const text = `${(free / 1e9).toFixed(1)} GB free under HEDDLE_HOME`;
  if (free < 5e8) return { name: 'disk', state: 'problem', text: `${text}; the database needs room` };
  return { name: 'disk', state: free < 5e9 ? 'warning' : 'ok', text };
}

function checkSecret(home: string): { value: string | undefined; text: string } {
  const file = join(home, 'secret');
  if (env().HEDDLE_SECRET) return { value: env().HEDDLE_SECRET, text: 'given by HEDDLE_SECRET' };
  if (!existsSync(file)) return { value: undefined, text: 'none yet: the first start makes one' };
  if ((statSync(file).mode & 0o077) !== 0) throw new Error(`${file} may be read by others: chmod 600 ${file}`);
  return { value: ensureMasterSecret(home), text: `from ${file}` };
}

async function checkDatabase(root: string, home: string, secret: string | undefined, running: boolean): Promise<Finding[]> {
  const cluster = readCluster(home);
  const given = env().DATABASE_URL;
  if (!given && !cluster) return [{ name: 'database', state: 'ok', text: 'embedded; the first start makes it' }];
  if (!given && !running) return [{ name: 'database', state: 'ok', text: `embedded in ${cluster?.data}; not running, so not looked into` }];
  const url = given ?? (cluster ? ownerUrl(cluster, 'heddle') : '');
  const findings: Finding[] = [];
  const client = await attempt(findings, 'database', async () => {
    const connected = await connectOwner(url, { create: false });
    return { value: connected, text: `PostgreSQL ${await assertVersion(connected, url)}, ${placeOf(url)}${given ? '' : ' (embedded)'}` };
  });
  if (!client) return findings;
  try {
    await attempt(findings, 'migrations', async () => {
      const { applied, pending, failed, unknown } = await migrationState(client, root);
      if (failed.length > 0) throw new Error(`not finished: ${failed.join(', ')}`);
      if (pending.length > 0) throw new Error(`pending: ${pending.join(', ')} (heddle migrate)`);
      return { value: true, text: `${applied.length} applied${unknown.length > 0 ? `, ${unknown.length} of a newer Heddle` : ''}` };
    });
    if (secret) await attempt(findings, 'secret', async () => ({ value: await assertSecret(client, secret, url), text: 'belongs to this database' }));
    if (secret) await attempt(findings, 'roles', () => checkRoles(url, secret));
  } finally {
    await client.end().catch(() => {});
  }
  return findings;
}

async function checkRoles(url: string, secret: string): Promise<{ value: boolean; text: string }> {
  for (const role of ['heddle_app', 'heddle_engine'] as const) {
    const client = new pg.Client({ connectionString: databaseUrlFor(role, url, secret), connectionTimeoutMillis: 10_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query<{ loose: boolean }>('SELECT rolsuper OR rolbypassrls AS loose FROM pg_roles WHERE rolname = current_user');
      if (rows[0]?.loose) throw new Error('is a superuser or bypasses row-level security: ALTER ROLE … NOSUPERUSER NOBYPASSRLS');
    } catch (error) {
      throw new Error(`${role}: ${(error as Error).message}`);
    } finally {
      await client.end().catch(() => {});
    }
  }
  return { value: true, text: 'heddle_app and heddle_engine sign in, row-level security applies to them' };
}
