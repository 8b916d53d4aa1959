import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import type { WorkerKind } from '@/server/engine/seat';
import { logger } from '@/server/lib/logger';
import { watchPulse } from './watch-pulse';

/** What a worker process is told on its command line; an ordinary worker is told nothing. */
export function workerRole(args: string[] = process.argv.slice(2)): { kind: WorkerKind; seat?: number } {
  const { values } = parseArgs({ args, options: { quarantine: { type: 'string' }, seat: { type: 'string' } }, strict: false });
  const kind = values.quarantine;
  return kind === 'together' || kind === 'alone' ? { kind, seat: Number(values.seat) } : { kind: 'worker' };
}

/**
 * The quarantine processes of a worker: the same program, forked when runs whose worker died wait, gone when there are none. They may die of what they
 * execute; they end by themselves when this process does.
 */
export class Quarantine {
  private readonly children = new Set<ChildProcess>();

  constructor(
    /** one has ended: its runs want somebody */
    private readonly onEnd: () => void,
  ) {}

  /** Starts one for the place that was reserved for it. */
  open(kind: 'together' | 'alone', seat: number): void {
    const child = fork(process.argv[1] ?? '', ['--quarantine', kind, '--seat', String(seat)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.children.add(child);
    watchPulse(child);
    this.note();
    logger.warn({ kind, pid: child.pid }, 'runs whose worker died are tried in a quarantine process');
    const ended = (how: object) => {
      if (!this.children.delete(child)) return;
      logger.info({ kind, pid: child.pid, ...how }, 'a quarantine process has ended');
      this.note();
      this.onEnd();
    };
    child.once('error', (err) => ended({ err }));
    child.once('exit', (code, signal) => ended({ code, signal }));
  }

  /** The supervisor ends processes that outlive a killed tree. */
  private note(): void {
    const pids = [...this.children].flatMap((child) => child.pid ?? []);
    if (process.connected) process.send?.({ type: 'children', pids });
  }

  /** Asks them to hand their runs back, and waits until they are gone. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.children].map((child) => {
        child.kill('SIGTERM');
        return child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
      }),
    );
  }
}
