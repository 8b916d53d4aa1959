import type pg from 'pg';

/**
 * The engine's clock: ms since the epoch by the database's clock, so that runs of machines whose clocks differ agree. Between two readings it follows
 * the monotonic clock of this process.
 */
export class EngineClock {
  private anchor = Date.now() - performance.now();

  /** Reads the database's clock; half the round trip is taken off. */
  async synchronize(client: Pick<pg.Client, 'query'>): Promise<void> {
    const before = performance.now();
    const { rows } = await client.query<{ ms: string }>('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms');
    const after = performance.now();
    this.anchor = Number(rows[0]?.ms) - (before + after) / 2;
  }

  now(): number {
    return Math.round(this.anchor + performance.now());
  }
}
