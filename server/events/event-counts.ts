import { enginePool } from '@/server/queue/engine-pool';

/** What this process did with events, for /metrics. */
export const eventCounts = { published: 0, dispatched: 0, started: 0, filterFailures: 0 };

/** Events of all organizations that wait for a dispatcher, counted up to 10,000. */
export async function undispatchedEvents(): Promise<number> {
  const { rows } = await enginePool().query<{ n: number }>('SELECT count(*)::int AS n FROM (SELECT FROM event WHERE dispatched_at IS NULL LIMIT 10000) x');
  return rows[0]?.n ?? 0;
}
