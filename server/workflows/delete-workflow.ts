import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { announceTriggers } from '@/server/triggers';
import { lockWorkflow } from './internal';
import { workflowId } from './schema';

/** Deletes a workflow so that it can be restored: its triggers stop, its name becomes free, its runs stay readable. */
export async function deleteWorkflow(ctx: Context, input: z.input<typeof workflowId>): Promise<{ id: string }> {
  authorize(ctx, 'workflow:delete');
  const { id } = parseInput(workflowId, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const workflow = await lockWorkflow(tx, ctx, id);
    // `~` is in no slug, so the name is free for others
    await tx.workflow.update({ where: { organizationId_id: { organizationId, id } }, data: { deletedAt: new Date(), slug: `~${id}` } });
    await tx.trigger.updateMany({ where: { organizationId, workflowId: id }, data: { nextAt: null } });
    await announceTriggers(tx, id);
    await audit(tx, ctx, 'workflow.delete', { type: 'workflow', id, name: workflow.title }, { slug: workflow.slug });
    return { id };
  });
}
