import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import type { Prisma } from '@/server/db/generated/client';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { readValidDefinition, type Warning, warningsOf } from './definition';
import { lockWorkflow, requireFreeSlug } from './internal';
import { makeCurrent } from './make-current';
import { updateWorkflowInput } from './schema';

/** Publishes a definition as the next version; one equal to the current version changes nothing. The draft becomes the same. */
export async function updateWorkflow(
  ctx: Context,
  input: z.input<typeof updateWorkflowInput>,
): Promise<{ id: string; slug: string; version: number; changed: boolean; warnings: Warning[] }> {
  authorize(ctx, 'workflow:update');
  authorize(ctx, 'workflow:publish');
  const { id, definition } = parseInput(updateWorkflowInput, input);
  const read = readValidDefinition(definition);
  const { name: slug, title = slug } = read.workflow;
  return withTenant(ctx.organizationId, async (tx) => {
    const workflow = await lockWorkflow(tx, ctx, id);
    await requireFreeSlug(tx, ctx, workflow.projectId, slug, id);
    const version = await makeCurrent(tx, ctx, workflow, read);
    if (version.changed) {
      await tx.workflow.update({
        where: { organizationId_id: { organizationId: ctx.organizationId, id } },
        data: { slug, title, draft: read.document as Prisma.InputJsonObject, draftRevision: { increment: 1 }, updatedAt: new Date() },
      });
      await audit(tx, ctx, 'workflow.publish', { type: 'workflow', id, name: title }, { version: version.number });
    }
    return { id, slug, version: version.number, changed: version.changed, warnings: warningsOf(read) };
  });
}
