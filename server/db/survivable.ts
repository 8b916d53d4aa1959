import type pg from 'pg';

/** A connection that PostgreSQL closes while nobody uses it is replaced at the next query; without listeners it would end the process. */
export function survivable(pool: pg.Pool): pg.Pool {
  pool.on('error', () => {});
  return pool.on('connect', (client) => client.on('error', () => {}));
}
