import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { env } from '@/server/env';

/** The folder of this installation (HEDDLE_HOME): master secret, embedded PostgreSQL, lock, logs. Made when absent. */
export function openHome(): string {
  const home = resolve(env().HEDDLE_HOME);
  try {
    // traversable, so that the unprivileged user PostgreSQL runs as reaches its folder; what is secret in here is 0600
    mkdirSync(home, { recursive: true, mode: 0o711 });
    if (process.getuid?.() === 0) chmodSync(home, 0o711);
  } catch (error) {
    throw new Error(`HEDDLE_HOME: the folder ${home} cannot be made (${(error as Error).message}). Give one that this user may write.`);
  }
  return home;
}

/** Reads a JSON file of the installation; undefined when it is absent or was cut off by a crash. */
export function readHomeFile<T>(home: string, name: string): T | undefined {
  try {
    return JSON.parse(readFileSync(join(home, name), 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/** Replaces a JSON file of the installation in one step, readable by its owner alone. */
export function writeHomeFile(home: string, name: string, value: unknown): void {
  const temporary = join(home, `.${name}.${process.pid}`);
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, join(home, name));
}

/**
 * The master secret: HEDDLE_SECRET when given, else made once under HEDDLE_HOME.
 * In production with a database of one's own it has to be given: a file on one machine would lock the others out.
 */
export function ensureMasterSecret(home: string): string {
  const { HEDDLE_SECRET, DATABASE_URL, NODE_ENV } = env();
  if (HEDDLE_SECRET) return HEDDLE_SECRET;
  if (DATABASE_URL && NODE_ENV === 'production') {
    throw new Error('HEDDLE_SECRET is not set. In production with DATABASE_URL give the master key yourself and keep it: openssl rand -base64 32');
  }
  const file = join(home, 'secret');
  if (!existsSync(file)) {
    try {
      writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      // another command made it this instant
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  chmodSync(file, 0o600);
  const secret = readFileSync(file, 'utf8').trim();
  if (secret.length < 32)
    throw new Error(
      `${file} is damaged: it holds ${secret.length} characters, at least 32 are needed. Restore it from a backup; without it stored credentials cannot be read.`,
    );
  return secret;
}
