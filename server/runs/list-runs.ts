import type { z } from 'zod';
import type { Failure, RunStatus } from '@/core/engine/events';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { Prisma } from '@/server/db/generated/client';
import { type OrganizationId, type Transaction, withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { listRunsInput } from './schema';

export interface RunSummary {
  id: string;
  workflow: { id: string; slug: string; title: string };
  /** null: a test run of a draft */
  version: number | null;
  status: RunStatus;
  trigger: string;
  startedBy: string | null;
  error: Failure | null;
  queuedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  cost: number;
  parentRunId: string | null;
}

/** Runs, newest first. Ids are UUIDv7, so the id is both the order and the cursor. */
export async function listRuns(ctx: Context, input: z.input<typeof listRunsInput> = {}): Promise<{ items: RunSummary[]; nextCursor: string | null }> {
  authorize(ctx, 'run:read');
  const { projectId, workflowId, status, cursor, limit } = parseInput(listRunsInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const inProject = projectId ? await idsInProject(tx, organizationId, projectId, { workflowId, status, cursor, limit: limit + 1 }) : undefined;
    const rows = await tx.run.findMany({
      where: {
        organizationId,
        ...(inProject ? { id: { in: inProject } } : cursor ? { id: { lt: cursor } } : {}),
        ...(workflowId ? { workflowId } : {}),
        ...(status?.length ? { status: { in: status } } : {}),
      },
      orderBy: { id: 'desc' },
      take: limit + 1,
      omit: { input: true, output: true },
    });
    const page = rows.slice(0, limit);
    const workflows = await tx.workflow.findMany({
      where: { organizationId, id: { in: [...new Set(page.map((r) => r.workflowId))] } },
      select: { id: true, slug: true, title: true },
    });
    const versions = await tx.workflowVersion.findMany({
      where: { organizationId, id: { in: [...new Set(page.map((r) => r.versionId))] } },
      select: { id: true, number: true },
    });
    const workflowOf = new Map(workflows.map((w) => [w.id, w]));
    const numberOf = new Map(versions.map((v) => [v.id, v.number]));
    const items = page.map((r) => ({
      id: r.id,
      workflow: workflowOf.get(r.workflowId) ?? { id: r.workflowId, slug: '', title: '' },
      version: numberOf.get(r.versionId) ?? null,
      status: r.status,
      trigger: r.trigger,
      startedBy: r.startedBy,
      error: r.error === null ? null : (JSON.parse(r.error) as Failure),
      queuedAt: r.queuedAt.toISOString(),
      startedAt: r.startedAt?.toISOString() ?? null,
      finishedAt: r.finishedAt?.toISOString() ?? null,
      cost: r.costUsd,
      parentRunId: r.parentRunId,
    }));
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  });
}

/** A page of the runs of a project's workflows: joined in the database, however many workflows there are. */
async function idsInProject(
  tx: Transaction,
  organizationId: OrganizationId,
  projectId: string,
  { workflowId, status, cursor, limit }: { workflowId?: string; status?: RunStatus[]; cursor?: string | null; limit: number },
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT r.id FROM run r JOIN workflow w ON w.organization_id = r.organization_id AND w.id = r.workflow_id
    WHERE r.organization_id = ${organizationId}::uuid AND w.project_id = ${projectId}::uuid
      ${cursor ? Prisma.sql`AND r.id < ${cursor}::uuid` : Prisma.empty}
      ${workflowId ? Prisma.sql`AND r.workflow_id = ${workflowId}::uuid` : Prisma.empty}
      ${status?.length ? Prisma.sql`AND r.status = ANY(${status}::run_status[])` : Prisma.empty}
    ORDER BY r.id DESC LIMIT ${limit}`;
  return rows.map((r) => r.id);
}
