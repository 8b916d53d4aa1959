import { execFile, execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readHomeFile, writeHomeFile } from './home';
import { type PostgresBinaries, sharedFolder } from './postgres-binaries';
import type { UnprivilegedUser } from './unprivileged-user';

const run = promisify(execFile);

/** The embedded PostgreSQL of a HEDDLE_HOME, as noted in its postgres.json. */
export interface Cluster {
  id: string;
  /** PostgreSQL's data folder */
  data: string;
  user: string;
  password: string;
  /** 0 until the first start chose one */
  port: number;
  /** settings of one's own, over Heddle's */
  settings?: Record<string, string | number>;
}

/** What HEDDLE_HOME knows of its PostgreSQL; undefined before the first start. */
export function readCluster(home: string): Cluster | undefined {
  return readHomeFile<Cluster>(home, 'postgres.json');
}

export function saveCluster(home: string, cluster: Cluster): void {
  writeHomeFile(home, 'postgres.json', cluster);
}

/** The cluster of this HEDDLE_HOME, made by initdb when there is none. A first start that was cut short begins anew. */
export async function ensureCluster(
  home: string,
  binaries: PostgresBinaries,
  user: UnprivilegedUser | undefined,
  onStep: (text: string) => void,
): Promise<Cluster> {
  const known = readCluster(home);
  if (known && existsSync(join(known.data, 'PG_VERSION'))) return known;
  if (!known && existsSync(join(home, 'postgres', 'PG_VERSION'))) {
    throw new Error(
      `${join(home, 'postgres')} holds a database, but ${join(home, 'postgres.json')} with its password is gone. Restore that file, or move the folder away to begin anew.`,
    );
  }
  if (known && known.port !== 0)
    throw new Error(`The data folder ${known.data} of the embedded PostgreSQL is gone. Restore it, or remove ${join(home, 'postgres.json')} to begin anew.`);
  onStep('Creating the database');
  const cluster: Cluster = known ?? { id: randomUUID(), data: '', user: 'heddle', password: randomBytes(24).toString('base64url'), port: 0 };
  cluster.data = dataFolder(home, cluster.id, user);
  // noted first: a data folder without its password would be worth nothing
  saveCluster(home, cluster);
  await initialise(cluster, binaries, user);
  return cluster;
}

/** HEDDLE_HOME/postgres, or a folder under /var/lib/heddle when the user PostgreSQL runs as cannot reach that (a clone under /root). */
function dataFolder(home: string, id: string, user: UnprivilegedUser | undefined): string {
  const preferred = join(home, 'postgres');
  if (!user || reaches(user, home)) return preferred;
  const elsewhere = join(sharedFolder, `data-${id}`);
  mkdirSync(sharedFolder, { recursive: true, mode: 0o755 });
  chmodSync(sharedFolder, 0o755);
  removeOrphans();
  writeFileSync(`${elsewhere}.home`, home, { mode: 0o600 });
  rmSync(preferred, { recursive: true, force: true });
  symlinkSync(elsewhere, preferred);
  return elsewhere;
}

/** Data of temporary installations (tests) that are gone. Others are never touched: their folder may be on a disk not mounted now. */
function removeOrphans(): void {
  for (const name of readdirSync(sharedFolder).filter((n) => n.endsWith('.home'))) {
    const home = readFileSync(join(sharedFolder, name), 'utf8');
    const data = join(sharedFolder, name.slice(0, -'.home'.length));
    if (!home.startsWith(`${tmpdir()}/`) || existsSync(home) || existsSync(join(data, 'postmaster.pid'))) continue;
    rmSync(data, { recursive: true, force: true });
    rmSync(join(sharedFolder, name), { force: true });
  }
}

function reaches(user: UnprivilegedUser, folder: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', 'cd "$0"', folder], { ...user, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function initialise(cluster: Cluster, binaries: PostgresBinaries, user: UnprivilegedUser | undefined): Promise<void> {
  const making = `${cluster.data}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(dirname(making), { recursive: true });
  mkdirSync(making, { mode: 0o700 });
  const secrets = mkdtempSync(join(tmpdir(), 'heddle-initdb-'));
  const passwordFile = join(secrets, 'password');
  writeFileSync(passwordFile, `${cluster.password}\n`, { mode: 0o600 });
  if (user) for (const path of [making, secrets, passwordFile]) chownSync(path, user.uid, user.gid);
  // the builtin provider sorts the same on every system and needs no locale of the system
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--encoding=UTF8'];
  const auth = ['--auth=scram-sha-256', `--username=${cluster.user}`, `--pwfile=${passwordFile}`];
  try {
    await run(binaries.initdb, ['-D', making, ...locale, ...auth, '--data-checksums'], {
      ...user,
      cwd: '/',
      env: { LC_ALL: 'C' } as unknown as NodeJS.ProcessEnv,
    });
    renameSync(making, cluster.data);
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(`The embedded PostgreSQL could not be set up in ${cluster.data}.\n${(stderr || message).trim()}`);
  } finally {
    rmSync(secrets, { recursive: true, force: true });
    rmSync(making, { recursive: true, force: true });
  }
}
