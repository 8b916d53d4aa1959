import type pg from 'pg';

const batch = 1_000;

/** Removes events older than the id that an organization keeps from, as long as `signal` lets it. Those that wait for a dispatcher stay. Returns how many. */
export async function forgetEvents(client: Pick<pg.Pool, 'query'>, organizationId: string, keepFrom: string, signal: AbortSignal): Promise<number> {
  let removed = 0;
  while (!signal.aborted) {
    const { rowCount } = await client.query(
      `DELETE FROM event WHERE organization_id = $1 AND id IN
         (SELECT id FROM event WHERE organization_id = $1 AND id < $2 AND dispatched_at IS NOT NULL ORDER BY id LIMIT ${batch})`,
      [organizationId, keepFrom],
    );
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < batch) break;
  }
  return removed;
}
