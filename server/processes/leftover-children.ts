import { readHomeFile, writeHomeFile } from './home';
import { commandOf, identityOf, isSameProcess, type ProcessIdentity, waitForExit } from './process-identity';

const fileName = 'children.json';

/** Notes which processes run, so that the next start finds them if this one is killed. */
export function noteChildren(home: string, pids: number[]): void {
  writeHomeFile(home, fileName, pids.map(identityOf));
}

/**
 * Children end by themselves when their supervisor is gone. One that hangs would hold the port and write to the database:
 * it is ended here. Only processes noted by us, started at the noted time and running Node are touched.
 */
export async function endLeftoverChildren(home: string): Promise<number> {
  const noted = readHomeFile<ProcessIdentity[]>(home, fileName) ?? [];
  const left = noted.filter((identity) => isSameProcess(identity) && /\.mjs|next/.test(commandOf(identity.pid) ?? ''));
  // most are about to end anyway: they noticed
  for (const { pid } of left) {
    if (await waitForExit(pid, 300)) continue;
    signal(pid, 'SIGTERM');
  }
  for (const { pid } of left) {
    if (await waitForExit(pid, 3_000)) continue;
    signal(pid, 'SIGKILL');
    await waitForExit(pid, 2_000);
  }
  return left.length;
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // gone this instant
  }
}
