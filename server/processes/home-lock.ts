import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, isSameProcess, type ProcessIdentity } from './process-identity';

export interface LockHolder extends ProcessIdentity {
  /** what holds it, `heddle start` */
  command: string;
}

/** Another process works on the same HEDDLE_HOME. */
export class HomeLocked extends Error {
  readonly holder: LockHolder;
  constructor(home: string, holder: LockHolder) {
    super(
      `\`${holder.command}\` (process ${holder.pid}) already runs on ${home}. Stop it first (kill ${holder.pid}), or give this one another folder: HEDDLE_HOME=… `,
    );
    this.name = 'HomeLocked';
    this.holder = holder;
  }
}

/** Who holds the lock now, if that process still lives. */
export function lockHolder(home: string): LockHolder | undefined {
  const holder = readLock(join(home, 'lock'));
  return holder && isSameProcess(holder) ? holder : undefined;
}

function readLock(file: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LockHolder;
  } catch {
    return undefined;
  }
}

/**
 * Takes HEDDLE_HOME for this process; throws HomeLocked when another lives in it. A lock left by a killed process is taken over.
 * Returns the function that gives it back.
 */
export function takeHomeLock(home: string, command: string): () => void {
  const file = join(home, 'lock');
  const mine = join(home, `.lock.${process.pid}`);
  const content = JSON.stringify({ ...identityOf(process.pid), command } satisfies LockHolder);
  writeFileSync(mine, content, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 20; attempt++) {
      try {
        // a link appears whole or not at all
        linkSync(mine, file);
        return () => {
          if (readLock(file)?.pid === process.pid) rmSync(file, { force: true });
        };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = readLock(file);
      if (holder && isSameProcess(holder)) throw new HomeLocked(home, holder);
      removeStale(file, mine, holder);
    }
    throw new Error(`The lock ${file} cannot be taken. Remove it if no Heddle runs on this folder.`);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Moves the stale lock aside; if another process replaced it meanwhile, puts that one back. */
function removeStale(file: string, mine: string, seen: LockHolder | undefined): void {
  const aside = `${mine}.stale`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const moved = readLock(aside);
  if (moved && moved.pid !== seen?.pid && isSameProcess(moved)) {
    try {
      linkSync(aside, file);
    } catch {
      // somebody took it in between; they win
    }
  }
  rmSync(aside, { force: true });
}
