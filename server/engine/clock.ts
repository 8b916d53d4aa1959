import type pg from 'pg';
import { enginePool } from '@/server/queue/engine-pool';

const EVERY_MS = 60_000;
const RETRY_MS = 5_000;
/** this much between the wall clock and the monotonic clock means that the machine slept or its clock was set */
const JUMP_MS = 1_000;

/**
 * The engine's clock: ms since the epoch by the database's clock, so that runs of machines whose clocks differ agree. Between two readings it follows
 * the monotonic clock of this process. It reads again by itself: every minute in which it is used, and after a jump of the machine's clock.
 */
export class EngineClock {
  private anchor = Date.now() - performance.now();
  /** what the wall clock said at the last reading, and when that was */
  private wall = this.anchor;
  private readAt = performance.now();
  private notBefore = 0;

  /** Reads the database's clock; half the round trip is taken off. */
  async synchronize(client: Pick<pg.Client, 'query'>): Promise<void> {
    const before = performance.now();
    const { rows } = await client.query<{ ms: string }>('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms');
    const after = performance.now();
    this.anchor = Number(rows[0]?.ms) - (before + after) / 2;
    this.wall = Date.now() - after;
    this.readAt = after;
  }

  now(): number {
    const monotonic = performance.now();
    const due = monotonic - this.readAt > EVERY_MS || Math.abs(Date.now() - monotonic - this.wall) > JUMP_MS;
    if (due && monotonic >= this.notBefore) {
      this.notBefore = monotonic + RETRY_MS;
      void this.readAgain();
    }
    return Math.round(this.anchor + monotonic);
  }

  /** Never rejects: without the database the clock goes on as it is and tries again a little later. */
  private async readAgain(): Promise<void> {
    try {
      // waiting for a free connection is no part of the round trip
      const client = await enginePool().connect();
      try {
        await this.synchronize(client);
      } finally {
        client.release();
      }
    } catch {}
  }
}
