import type { z } from 'zod';
import type { Assignee } from '@/core/node/executor';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import type { Prisma } from '@/server/db/generated/client';
import { type Transaction, withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { type ApprovalStatus, fromRow, isAsked, namesOf } from './internal';
import { listApprovalsInput } from './schema';

export interface ApprovalSummary {
  id: string;
  title: string;
  status: ApprovalStatus;
  /** whether the caller is asked, by name or role */
  mine: boolean;
  assignees: Assignee[];
  run: { id: string };
  workflow: { id: string; title: string } | null;
  path: string;
  createdAt: string;
  deadline: string | null;
  decidedAt: string | null;
  /** who decided; null: nobody yet, or its deadline or run did */
  decidedBy: string | null;
  comment: string | null;
}

/** Approvals of the organization, the newest first. */
export async function listApprovals(
  ctx: Context,
  input: z.input<typeof listApprovalsInput> = {},
): Promise<{ items: ApprovalSummary[]; nextCursor: string | null }> {
  authorize(ctx, 'approval:read');
  const given = parseInput(listApprovalsInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const names = await namesOf(tx, ctx);
    const rows = await tx.approval.findMany({
      where: {
        organizationId,
        status: given.status === 'open' ? 'open' : { not: 'open' },
        ...(given.cursor ? { id: { lt: given.cursor } } : {}),
        ...(given.runId ? { runId: given.runId } : {}),
        AND: [given.scope === 'mine' ? askedOf(names) : {}, given.search ? await matching(tx, ctx, given.search) : {}],
      },
      include: { assignees: { orderBy: [{ kind: 'desc' }, { name: 'asc' }] } },
      orderBy: { id: 'desc' },
      take: given.limit + 1,
    });
    const shown = rows.slice(0, given.limit);
    const titles = await titlesOf(
      tx,
      ctx,
      shown.map((row) => row.workflowId),
    );
    const items = shown.map((row) => ({
      id: row.id,
      title: row.title,
      status: row.status as ApprovalStatus,
      mine: isAsked(names, row.assignees),
      assignees: row.assignees.map(fromRow),
      run: { id: row.runId },
      workflow: titles.get(row.workflowId) ?? null,
      path: row.path,
      createdAt: row.createdAt.toISOString(),
      deadline: row.deadline?.toISOString() ?? null,
      decidedAt: row.decidedAt?.toISOString() ?? null,
      decidedBy: row.decidedByName,
      comment: row.comment,
    }));
    return { items, nextCursor: rows.length > given.limit ? (items.at(-1)?.id ?? null) : null };
  });
}

/** How many open approvals ask the caller; counts to 100. */
export async function countApprovals(ctx: Context): Promise<{ mine: number }> {
  authorize(ctx, 'approval:read');
  return withTenant(ctx.organizationId, async (tx) => {
    const where = { organizationId: ctx.organizationId, status: 'open', ...askedOf(await namesOf(tx, ctx)) };
    return { mine: await tx.approval.count({ where, take: 100 }) };
  });
}

function askedOf({ email, roles }: Awaited<ReturnType<typeof namesOf>>): Prisma.ApprovalWhereInput {
  return { assignees: { some: { OR: [{ kind: 'role', name: { in: roles } }, ...(email ? [{ kind: 'user', name: email }] : [])] } } };
}

async function matching(tx: Transaction, ctx: Context, search: string): Promise<Prisma.ApprovalWhereInput> {
  const contains = { contains: search, mode: 'insensitive' as const };
  const workflows = await tx.workflow.findMany({ where: { organizationId: ctx.organizationId, title: contains }, select: { id: true }, take: 200 });
  return { OR: [{ title: contains }, { message: contains }, { workflowId: { in: workflows.map(({ id }) => id) } }] };
}

async function titlesOf(tx: Transaction, ctx: Context, ids: string[]): Promise<Map<string, { id: string; title: string }>> {
  const found = await tx.workflow.findMany({ where: { organizationId: ctx.organizationId, id: { in: [...new Set(ids)] } }, select: { id: true, title: true } });
  return new Map(found.map((workflow) => [workflow.id, workflow]));
}
