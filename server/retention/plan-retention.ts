import { enginePool } from '@/server/queue/engine-pool';
import { readCutoffs } from './run-retention';

export interface RetentionPlan {
  organizationId: string;
  /** runs queued before this go */
  keepFrom: string;
  runs: number;
}

/** What a pass would remove now, by organization; nothing is changed. */
export async function planRetention(now = new Date()): Promise<RetentionPlan[]> {
  const plan: RetentionPlan[] = [];
  for (const { organization_id: organizationId, keep_from: keepFrom } of await readCutoffs(now)) {
    if (!organizationId || !keepFrom) continue;
    const { rows } = await enginePool().query<{ runs: number; at: Date }>(
      `SELECT count(*)::int AS runs, hd_time_of($2) AS at FROM run WHERE organization_id = $1 AND id < $2 AND status IN ('succeeded', 'failed', 'cancelled')`,
      [organizationId, keepFrom],
    );
    const found = rows[0];
    if (found?.runs) plan.push({ organizationId, keepFrom: found.at.toISOString(), runs: found.runs });
  }
  return plan;
}
