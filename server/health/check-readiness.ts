import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { appPool } from '@/server/db/client';

/** Whether this process can do its work, or why not, in words for whoever looks. */
export type Readiness = { ready: true } | { ready: false; reason: string };

const wanted = new Map<string, string[]>();

/** Asks the database for an answer and for the migrations this Heddle brings; `root` is the folder of the program. Never throws. */
export async function checkReadiness(root: string): Promise<Readiness> {
  let applied: Set<string>;
  try {
    const { rows } = await appPool().query<{ name: string }>({
      name: 'readiness',
      text: 'SELECT migration_name AS name FROM public._prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    });
    applied = new Set(rows.map((row) => row.name));
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    if (code === '42P01' || code === '42501') return { ready: false, reason: 'The database is not migrated: run heddle migrate.' };
    return { ready: false, reason: `The database does not answer: ${code ?? message ?? 'unknown'}.` };
  }
  const missing = migrations(root).filter((name) => !applied.has(name));
  return missing.length === 0
    ? { ready: true }
    : { ready: false, reason: `The database lacks ${missing.length} migration(s), the first is ${missing[0]}: run heddle migrate.` };
}

function migrations(root: string): string[] {
  const folder = join(root, 'prisma/migrations');
  let names = wanted.get(folder);
  if (!names) {
    names = existsSync(folder) ? readdirSync(folder).filter((name) => existsSync(join(folder, name, 'migration.sql'))) : [];
    wanted.set(folder, names.sort());
  }
  return names;
}
