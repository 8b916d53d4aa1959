import type { z } from 'zod';
import type { Problem } from '@/core/workflow/workflow';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import type { Prisma } from '@/server/db/generated/client';
import { type Transaction, withTenant } from '@/server/db/transaction';
import { Conflict } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { readDefinition } from './definition';
import { requireWorkflow } from './internal';
import { saveDraftInput } from './schema';

/**
 * Saves what the editor shows. It must be an AWL document but need not make sense yet: what is wrong is returned.
 * Throws Conflict, with the present revision, when somebody else saved since `baseRevision`.
 */
export async function saveDraft(ctx: Context, input: z.input<typeof saveDraftInput>): Promise<{ revision: number; problems: Problem[] }> {
  authorize(ctx, 'workflow:update');
  const { id, baseRevision, definition } = parseInput(saveDraftInput, input);
  const { document, workflow: graph, problems } = readDefinition(definition);
  const title = graph.title ?? graph.name;
  return withTenant(ctx.organizationId, async (tx) => {
    const { count } = await tx.workflow.updateMany({
      where: { organizationId: ctx.organizationId, id, deletedAt: null, draftRevision: baseRevision },
      data: { draft: document as Prisma.InputJsonObject, title, draftRevision: { increment: 1 }, updatedAt: new Date() },
    });
    if (count === 0) {
      const present = await requireWorkflow(tx, ctx, id);
      throw new Conflict('Somebody else changed this workflow in the meantime.', { revision: present.draftRevision });
    }
    await auditEditing(tx, ctx, id, title);
    return { revision: baseRevision + 1, problems };
  });
}

/** The editor saves every second: one audit event says that a person edited, and ten minutes later the next. */
async function auditEditing(tx: Transaction, ctx: Context, id: string, name: string): Promise<void> {
  const recent = await tx.auditEvent.findFirst({
    where: {
      organizationId: ctx.organizationId,
      at: { gt: new Date(Date.now() - 600_000) },
      action: 'workflow.update',
      targetId: id,
      actorId: ctx.actor.id,
    },
    select: { id: true },
  });
  if (!recent) await audit(tx, ctx, 'workflow.update', { type: 'workflow', id, name });
}
