import type { RunEvent } from '@/core/engine/events';
import { enginePool } from '@/server/queue/engine-pool';

/** Reads a run's whole log, in order. */
export async function readRunLog(organizationId: string, runId: string): Promise<RunEvent[]> {
  const { rows } = await enginePool().query({
    name: 'run-log',
    text: 'SELECT seq, type, path, extract(epoch FROM at)::float8 * 1000 AS at, data FROM run_event WHERE organization_id = $1 AND run_id = $2 ORDER BY seq',
    values: [organizationId, runId],
  });
  return rows.map((r) => ({ ...JSON.parse(r.data), seq: r.seq, type: r.type, at: Math.round(r.at), ...(r.path === null ? {} : { path: r.path }) }) as RunEvent);
}
