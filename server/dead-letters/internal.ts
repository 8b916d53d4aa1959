import type { z } from 'zod';
import type { Context } from '@/server/auth/context';
import { Prisma } from '@/server/db/generated/client';
import type { Transaction } from '@/server/db/transaction';
import { Invalid, NotFound } from '@/server/lib/errors';
import type { DeadLetterFilter, selectDeadLettersInput } from './schema';

/** A dead letter of the organization, or NotFound. */
export async function requireDeadLetter(tx: Transaction, ctx: Context, id: string) {
  const row = await tx.deadLetter.findUnique({ where: { organizationId_id: { organizationId: ctx.organizationId, id } } });
  if (!row) throw new NotFound('This dead letter');
  return row;
}

const uuidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The conditions of a filter on `dead_letter d` joined with `workflow w`. */
export function matching({ q, workflowId, reason }: DeadLetterFilter): Prisma.Sql {
  const conditions = [Prisma.sql`true`];
  if (workflowId) conditions.push(Prisma.sql`d.workflow_id = ${workflowId}::uuid`);
  if (reason) conditions.push(Prisma.sql`d.reason = ${reason}`);
  if (q) {
    const like = `%${q.replace(/[\\%_]/g, '\\$&')}%`;
    const run = uuidText.test(q) ? Prisma.sql`OR d.run_id = ${q}::uuid` : Prisma.empty;
    conditions.push(
      Prisma.sql`(d.message ILIKE ${like} OR d.code ILIKE ${like} OR d.step ILIKE ${like} OR w.title ILIKE ${like} OR w.slug ILIKE ${like} ${run})`,
    );
  }
  return Prisma.join(conditions, ' AND ');
}

/** The open ones that were chosen, the oldest first, at most `limit`; and how many there are in all. */
export async function chosen(
  tx: Transaction,
  ctx: Context,
  { ids, filter }: z.output<typeof selectDeadLettersInput>,
  limit: number,
): Promise<{ letters: { id: string; runId: string; retryRunId: string | null }[]; total: number }> {
  if ((ids === undefined) === (filter === undefined)) {
    throw new Invalid('Give ids, or a filter; {} chooses all that are open.', [{ path: 'ids', message: 'wants either ids or a filter' }]);
  }
  const which = ids ? Prisma.sql`d.id = ANY(${ids}::uuid[])` : matching(filter ?? {});
  const from = Prisma.sql`FROM dead_letter d LEFT JOIN workflow w ON w.organization_id = d.organization_id AND w.id = d.workflow_id
    WHERE d.organization_id = ${ctx.organizationId}::uuid AND d.status = 'open' AND ${which}`;
  const [counted] = await tx.$queryRaw<{ total: number }[]>`SELECT count(*)::int AS total ${from}`;
  const letters = await tx.$queryRaw<{ id: string; runId: string; retryRunId: string | null }[]>`
    SELECT d.id, d.run_id AS "runId", d.retry_run_id AS "retryRunId" ${from} ORDER BY d.id LIMIT ${limit}`;
  return { letters, total: counted?.total ?? 0 };
}
