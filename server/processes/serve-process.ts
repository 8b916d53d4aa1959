import { logger } from '@/server/lib/logger';
import { showPulse } from './watch-pulse';

/** What a process of Heddle that serves until it is told to stop gives to serveProcess. */
export interface Serving {
  /** the port it listens on, where it has one */
  port?: number;
  /** stops taking work, finishes what is in flight; called once */
  stop(): Promise<void>;
  /** after an uncaught exception it ends at once, as if it were killed: `stop` would hand work back as if that had not been the cause */
  diesOfCrash?: boolean;
}

/** What a child tells the supervisor over its IPC channel. */
export interface ReadyMessage {
  type: 'ready';
  port?: number;
}

/** What a worker tells the supervisor: the processes it started itself. */
export interface ChildrenMessage {
  type: 'children';
  pids: number[];
}

/** How long a process may take to finish what is in flight before it is ended anyway; the supervisor waits a little longer. */
export const graceMs = 5_500;

/**
 * Runs a process of Heddle: starts it, reports that it is ready, stops it on SIGTERM, and when the supervisor that started it is gone.
 * A failure to start ends the process with exit code 1 and its reason. `start` gets a function by which the process ends itself.
 */
export async function serveProcess(name: string, start: (end: () => void) => Promise<Serving>): Promise<void> {
  const supervised = process.send !== undefined;
  let serving: Serving | undefined;
  let stopping = false;

  const stop = (reason: string, code = 0): void => {
    if (stopping) return;
    stopping = true;
    logger.debug({ process: name, reason }, 'stopping');
    setTimeout(() => process.exit(code || 1), graceMs).unref();
    Promise.resolve(serving?.stop()).then(
      () => process.exit(code),
      (error: unknown) => {
        logger.error({ process: name, err: error }, 'did not stop cleanly');
        process.exit(1);
      },
    );
  };

  process.on('SIGTERM', () => stop('SIGTERM'));
  // Ctrl-C reaches every process of the terminal; the supervisor decides the order
  process.on('SIGINT', () => (supervised ? undefined : stop('SIGINT')));
  process.on('disconnect', () => stop('the supervisor is gone', 1));
  if (supervised) showPulse();
  // waiting for the supervisor must not keep a finished process alive
  process.channel?.unref();
  process.on('unhandledRejection', (error) => logger.error({ process: name, err: error }, 'unhandled rejection'));
  process.on('uncaughtException', (error) => {
    logger.fatal({ process: name, err: error }, 'uncaught exception');
    if (serving?.diesOfCrash) process.exit(1);
    stop('uncaught exception', 1);
  });

  try {
    serving = await start(() => stop('it has nothing to do'));
  } catch (error) {
    process.stderr.write(`heddle  The ${name} process cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof Error && !('expected' in error)) logger.debug({ process: name, err: error }, 'start failed');
    process.exit(1);
  }
  // told to stop while starting
  if (stopping) {
    await serving.stop();
    process.exit(0);
  }
  process.send?.({ type: 'ready', port: serving.port } satisfies ReadyMessage);
}
