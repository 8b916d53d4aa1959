import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf, isAlive, waitForExit } from './process-identity';

/** What PostgreSQL noted in postmaster.pid: its process and its data folder. */
export function parsePostmasterPid(text: string): { pid: number; data: string } | undefined {
  const [first, second] = text.split('\n');
  const pid = Number(first);
  return Number.isInteger(pid) && pid > 1 ? { pid, data: (second ?? '').trim() } : undefined;
}

/**
 * After a kill -9 a postmaster.pid may name a PostgreSQL that still runs, nothing, or a stranger that got the same process id.
 * The first is stopped (it may be in any state), the note of the others is removed, which PostgreSQL itself would not always dare.
 */
export async function stopLeftoverPostgres(data: string): Promise<'none' | 'stopped' | 'stale'> {
  const file = join(data, 'postmaster.pid');
  let noted: ReturnType<typeof parsePostmasterPid>;
  try {
    noted = parsePostmasterPid(readFileSync(file, 'utf8'));
  } catch {
    return 'none';
  }
  const ours = noted && isAlive(noted.pid) && (commandOf(noted.pid) ?? '').includes('postgres');
  if (!noted || !ours) {
    rmSync(file, { force: true });
    return 'stale';
  }
  for (const [signal, patience] of [
    ['SIGINT', 8_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    try {
      process.kill(noted.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPERM')
        throw new Error(`A PostgreSQL of another user (process ${noted.pid}) runs on ${data}. Stop it first.`);
    }
    if (await waitForExit(noted.pid, patience)) return 'stopped';
  }
  throw new Error(`The PostgreSQL left on ${data} (process ${noted.pid}) does not stop.`);
}
