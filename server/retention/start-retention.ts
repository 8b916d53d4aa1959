import { setTimeout as sleep } from 'node:timers/promises';
import { logger } from '@/server/lib/logger';
import { enginePool } from '@/server/queue/engine-pool';
import { runRetention } from './run-retention';

/** ms before the first look, so that what has just started may start its runs first; several workers do not look at once */
const first = 120_000;
const again = 3_600_000;

/**
 * Runs the retention job once a day until `signal` aborts; resolves when it has stopped. Any number of processes may: they look every hour whether anybody
 * finished it within a day, and only one is ever at it.
 */
export async function startRetention({ signal }: { signal: AbortSignal }): Promise<void> {
  let wait = first * (1 + Math.random());
  for (;;) {
    await sleep(wait, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    wait = again * (0.9 + Math.random() / 5);
    try {
      if (await isDue()) {
        const report = await runRetention(signal);
        if (report) logger.info({ ...report }, 'the retention job has run');
      }
    } catch (error) {
      logger.error({ err: error }, 'the retention job failed; it is tried again in an hour');
    }
  }
}

async function isDue(): Promise<boolean> {
  const { rows } = await enginePool().query<{ due: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM retention_run WHERE finished_at IS NOT NULL AND error IS NULL AND started_at > now() - interval '23 hours') AS due`,
  );
  return rows[0]?.due ?? false;
}
