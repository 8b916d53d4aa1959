import type { RunStatus } from '@/core/engine/events';
import { Prisma } from '@/server/db/generated/client';
import type { OrganizationId, Transaction } from '@/server/db/transaction';

/** Which runs of an organization: all conditions together. */
export interface RunFilter {
  projectId?: string | undefined;
  workflowId?: string | undefined;
  status?: RunStatus[] | undefined;
  errorCode?: string | undefined;
  errorText?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  paused?: boolean | undefined;
}

/** A search in messages reads so many failed runs at once; what is older is for the next page. */
const mostSearched = 20_000;
const { sql, empty, join } = Prisma;

/**
 * Ids of runs, newest first (ids are UUIDv7: their order is that of time). `cursor`: where the next page begins, null when there is none.
 * Every way of asking has an index to walk: live runs stand in the queue, rare statuses and errors have their own, times are ranges of ids.
 */
export async function findRuns(
  tx: Transaction,
  organizationId: OrganizationId,
  filter: RunFilter,
  { cursor, limit }: { cursor?: string | null | undefined; limit: number },
): Promise<{ ids: string[]; cursor: string | null }> {
  const from = filter.from ? sql`AND r.id >= hd_id_at(${filter.from}::timestamptz)` : empty;
  const until = filter.to ? sql`AND r.id < hd_id_at(${filter.to}::timestamptz)` : empty;
  const bounds = sql`${cursor ? sql`AND r.id < ${cursor}::uuid` : empty} ${from} ${until}`;
  const ofWorkflow = filter.workflowId ? sql`AND r.workflow_id = ${filter.workflowId}::uuid` : empty;
  const ofProject = filter.projectId
    ? sql`AND r.workflow_id IN (SELECT w.id FROM workflow w WHERE w.organization_id = ${organizationId}::uuid AND w.project_id = ${filter.projectId}::uuid)`
    : empty;
  const paused = filter.paused === undefined ? empty : filter.paused ? sql`AND r.paused_at IS NOT NULL` : sql`AND r.paused_at IS NULL`;
  const code = filter.errorCode ? sql`AND r.error_code = ${filter.errorCode}` : empty;
  const conditions = sql`${bounds} ${ofWorkflow} ${ofProject} ${paused} ${code}`;
  if (filter.errorText) return searchErrors(tx, organizationId, { ...filter, errorText: filter.errorText }, conditions, limit);
  const statuses = statusesOf(filter);
  if (statuses.length === 0) return { ids: [], cursor: null };
  const branches = statuses.map((s) => branch(organizationId, s, conditions, { cursor, limit: limit + 1 }));
  const rows = await tx.$queryRaw<{ id: string }[]>`SELECT id FROM (${join(branches, ' UNION ALL ')}) AS found ORDER BY id DESC LIMIT ${limit + 1}`;
  const ids = rows.slice(0, limit).map((r) => r.id);
  return { ids, cursor: rows.length > limit ? (ids.at(-1) ?? null) : null };
}

/** The statuses to look for; undefined: any. None when the conditions exclude each other. */
function statusesOf({ status, errorCode, paused }: RunFilter): (RunStatus | undefined)[] {
  const only = errorCode ? 'failed' : paused ? 'waiting' : undefined;
  if (only) return !status?.length || status.includes(only) ? [only] : [];
  return status?.length ? [...new Set(status)] : [undefined];
}

/** The newest runs of one status, by the index that knows them. */
function branch(
  organizationId: OrganizationId,
  status: RunStatus | undefined,
  conditions: Prisma.Sql,
  { cursor, limit }: { cursor?: string | null | undefined; limit: number },
): Prisma.Sql {
  const here = sql`r.organization_id = ${organizationId}::uuid`;
  if (status === 'queued' || status === 'running') {
    // a look-up for each that stands in the queue: a join of both might read all runs
    return sql`(SELECT q.run_id AS id FROM run_queue q CROSS JOIN LATERAL (
        SELECT 1 FROM run r WHERE r.organization_id = q.organization_id AND r.id = q.run_id AND r.status = ${status}::run_status ${conditions} LIMIT 1) AS x
      WHERE q.organization_id = ${organizationId}::uuid ${cursor ? sql`AND q.run_id < ${cursor}::uuid` : empty} ORDER BY q.run_id DESC LIMIT ${limit})`;
  }
  const of = status === undefined ? empty : status === 'succeeded' ? sql`AND r.status = 'succeeded'` : sql`AND r.rare_status = ${status}`;
  return sql`(SELECT r.id FROM run r WHERE ${here} ${of} ${conditions} ORDER BY r.id DESC LIMIT ${limit})`;
}

/** Looks through the messages of failed runs, a bounded part at a time: a page may hold fewer than `limit` and still have a next one. */
async function searchErrors(
  tx: Transaction,
  organizationId: OrganizationId,
  { errorText, status }: RunFilter & { errorText: string },
  conditions: Prisma.Sql,
  limit: number,
): Promise<{ ids: string[]; cursor: string | null }> {
  if (status?.length && !status.includes('failed')) return { ids: [], cursor: null };
  const rows = await tx.$queryRaw<{ id: string; found: boolean }[]>`
    WITH part AS MATERIALIZED (
      SELECT r.id, strpos(lower(r.error), ${JSON.stringify(errorText.toLowerCase()).slice(1, -1)}) > 0 AS found FROM run r
      WHERE r.organization_id = ${organizationId}::uuid AND r.rare_status = 'failed' ${conditions} ORDER BY r.id DESC LIMIT ${mostSearched}),
    hit AS (SELECT id, found FROM part WHERE found ORDER BY id DESC LIMIT ${limit + 1})
    SELECT id, found FROM hit
    UNION ALL (SELECT id, false FROM part WHERE (SELECT count(*) FROM part) = ${mostSearched} ORDER BY id LIMIT 1)`;
  const hits = rows.filter((r) => r.found).map((r) => r.id);
  const ids = hits.slice(0, limit);
  const last = rows.find((r) => !r.found)?.id ?? null;
  return { ids, cursor: hits.length > limit ? (ids.at(-1) ?? null) : last };
}
