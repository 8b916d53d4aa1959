import type { z } from 'zod';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { decodeCursor, encodeCursor } from '@/server/lib/cursor';
import { parseInput } from '@/server/lib/parse-input';
import { requireWorkflow } from './internal';
import { listVersionsInput } from './schema';

export interface VersionSummary {
  id: string;
  number: number;
  current: boolean;
  createdAt: string;
  createdBy: { id: string; name: string } | null;
}

/** The published versions of a workflow, newest first. */
export async function listVersions(ctx: Context, input: z.input<typeof listVersionsInput>): Promise<{ items: VersionSummary[]; nextCursor: string | null }> {
  authorize(ctx, 'workflow:read');
  const { id, cursor, limit } = parseInput(listVersionsInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const workflow = await requireWorkflow(tx, ctx, id);
    const before = cursor ? Number(decodeCursor(cursor, 1)[0]) || 0 : undefined;
    const rows = await tx.workflowVersion.findMany({
      where: { organizationId, workflowId: id, number: before === undefined ? { not: null } : { lt: before } },
      orderBy: { number: 'desc' },
      take: limit + 1,
      select: { id: true, number: true, createdAt: true, createdBy: true },
    });
    const page = rows.slice(0, limit);
    const authors = await tx.membership.findMany({
      where: { organizationId, userId: { in: page.flatMap((v) => (v.createdBy && /^[0-9a-f-]{36}$/.test(v.createdBy) ? [v.createdBy] : [])) } },
      select: { userId: true, user: { select: { name: true } } },
    });
    const names = new Map(authors.map((a) => [a.userId, a.user.name]));
    const items = page.map((v) => ({
      id: v.id,
      number: v.number ?? 0,
      current: v.id === workflow.currentVersionId,
      createdAt: v.createdAt.toISOString(),
      createdBy: v.createdBy ? { id: v.createdBy, name: names.get(v.createdBy) ?? '' } : null,
    }));
    return { items, nextCursor: rows.length > limit ? encodeCursor([String(items.at(-1)?.number)]) : null };
  });
}
