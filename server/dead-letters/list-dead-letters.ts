import type { z } from 'zod';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { Prisma } from '@/server/db/generated/client';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { matching } from './internal';
import { type DeadLetterReason, type DeadLetterStatus, listDeadLettersInput } from './schema';

export interface DeadLetterSummary {
  id: string;
  runId: string;
  workflow: { id: string; slug: string; title: string };
  /** null: a test run of a draft */
  version: number | null;
  /** path of the step at fault; null: unknown, or several */
  step: string | null;
  code: string;
  message: string;
  attempts: number;
  reason: DeadLetterReason;
  status: DeadLetterStatus;
  at: string;
  resolvedBy: string | null;
  resolvedAt: string | null;
  /** the run that a retry made */
  retryRunId: string | null;
}

interface Row extends Omit<DeadLetterSummary, 'workflow' | 'at' | 'resolvedAt'> {
  workflowId: string;
  slug: string | null;
  title: string | null;
  at: Date;
  resolvedAt: Date | null;
}

/** The columns of a dead letter `d` with its workflow `w` and version `v`. */
export const summaryColumns = Prisma.sql`d.id, d.run_id AS "runId", d.workflow_id AS "workflowId", w.slug, w.title, v.number AS version, d.step, d.code, d.message, d.attempts,
  d.reason, d.status, d.at, d.resolved_by AS "resolvedBy", d.resolved_at AS "resolvedAt", CASE WHEN d.status = 'retried' THEN d.retry_run_id END AS "retryRunId"`;

/** Where they come from. */
export const summaryTables = Prisma.sql`dead_letter d
  LEFT JOIN workflow w ON w.organization_id = d.organization_id AND w.id = d.workflow_id
  LEFT JOIN workflow_version v ON v.organization_id = d.organization_id AND v.id = d.version_id`;

/** A row of them for people. */
export function toSummary({ workflowId, slug, title, at, resolvedAt, ...rest }: Row): DeadLetterSummary {
  return { ...rest, workflow: { id: workflowId, slug: slug ?? '', title: title ?? '' }, at: at.toISOString(), resolvedAt: resolvedAt?.toISOString() ?? null };
}

/** Dead letters, the newest first; ids are UUIDv7, so the id is the cursor. */
export async function listDeadLetters(
  ctx: Context,
  input: z.input<typeof listDeadLettersInput> = {},
): Promise<{ items: DeadLetterSummary[]; nextCursor: string | null }> {
  authorize(ctx, 'dead-letter:read');
  const { status, cursor, limit, ...filter } = parseInput(listDeadLettersInput, input);
  const rows = await withTenant(
    ctx.organizationId,
    (tx) => tx.$queryRaw<Row[]>`
      SELECT ${summaryColumns} FROM ${summaryTables}
       WHERE d.organization_id = ${ctx.organizationId}::uuid AND d.status = ${status} AND ${matching(filter)}
         ${cursor ? Prisma.sql`AND d.id < ${cursor}::uuid` : Prisma.empty}
       ORDER BY d.id DESC LIMIT ${limit + 1}`,
  );
  const items = rows.slice(0, limit).map(toSummary);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
