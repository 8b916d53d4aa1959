import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { readValidDefinition, type Warning, warningsOf } from './definition';
import { lockWorkflow, requireFreeSlug } from './internal';
import { makeCurrent } from './make-current';
import { workflowId } from './schema';

/** Freezes the draft as the current version and rewrites its triggers. Throws Invalid with the places when the draft has errors. */
export async function publishWorkflow(
  ctx: Context,
  input: z.input<typeof workflowId>,
): Promise<{ id: string; slug: string; version: number; changed: boolean; warnings: Warning[] }> {
  authorize(ctx, 'workflow:publish');
  const { id } = parseInput(workflowId, input);
  return withTenant(ctx.organizationId, async (tx) => {
    const workflow = await lockWorkflow(tx, ctx, id);
    const read = readValidDefinition(workflow.draft);
    const { name: slug, title = slug } = read.workflow;
    await requireFreeSlug(tx, ctx, workflow.projectId, slug, id);
    const version = await makeCurrent(tx, ctx, workflow, read);
    if (version.changed) {
      await tx.workflow.update({ where: { organizationId_id: { organizationId: ctx.organizationId, id } }, data: { slug, title } });
      await audit(tx, ctx, 'workflow.publish', { type: 'workflow', id, name: title }, { version: version.number });
    }
    return { id, slug, version: version.number, changed: version.changed, warnings: warningsOf(read) };
  });
}
