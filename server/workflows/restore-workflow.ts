import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { syncTriggers } from '@/server/triggers';
import { storedWorkflow } from './definition';
import { requireFreeSlug } from './internal';
import { workflowId } from './schema';

/** Undoes deleteWorkflow, triggers included. Throws Conflict when another workflow has taken its name. */
export async function restoreWorkflow(ctx: Context, input: z.input<typeof workflowId>): Promise<{ id: string; slug: string }> {
  authorize(ctx, 'workflow:delete');
  const { id } = parseInput(workflowId, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const workflow = await tx.workflow.findFirst({ where: { organizationId, id, deletedAt: { not: null } } });
    if (!workflow) throw new NotFound('This deleted workflow');
    const current = workflow.currentVersionId ? await tx.workflowVersion.findFirst({ where: { organizationId, id: workflow.currentVersionId } }) : null;
    const graph = storedWorkflow(current?.definition ?? workflow.draft);
    const slug = graph.name;
    await requireFreeSlug(tx, ctx, workflow.projectId, slug, id);
    await tx.workflow.update({ where: { organizationId_id: { organizationId, id } }, data: { deletedAt: null, slug, updatedAt: new Date() } });
    if (current) await syncTriggers(tx, ctx, { workflowId: id }, graph);
    await audit(tx, ctx, 'workflow.restore', { type: 'workflow', id, name: workflow.title }, { slug });
    return { id, slug };
  });
}
