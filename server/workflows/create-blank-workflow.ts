import type { z } from 'zod';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { slugify } from '@/server/lib/slug';
import { requireProject } from '@/server/projects';
import { readDefinition } from './definition';
import { insertWorkflow } from './insert-workflow';
import { freeSlug } from './internal';
import { createBlankWorkflowInput } from './schema';

/** Makes an unpublished workflow with a manual trigger and no steps, for the editor. A taken name gets a number. */
export async function createBlankWorkflow(ctx: Context, input: z.input<typeof createBlankWorkflowInput> = {}): Promise<{ id: string; slug: string }> {
  authorize(ctx, 'workflow:create');
  const { project, title } = parseInput(createBlankWorkflowInput, input);
  return withTenant(ctx.organizationId, async (tx) => {
    const { id: projectId } = await requireProject(tx, ctx, project);
    const name = await freeSlug(tx, ctx, projectId, slugify(title, 'workflow'));
    const read = readDefinition({ workflow: { name, title, triggers: [{ manual: {} }], steps: [] } });
    const { id, slug } = await insertWorkflow(tx, ctx, projectId, read, false);
    return { id, slug };
  });
}
