import type { z } from 'zod';
import type { Problem } from '@/core/workflow/workflow';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { requireProject } from '@/server/projects';
import { readDefinition } from './definition';
import { insertWorkflow } from './insert-workflow';
import { freeSlug } from './internal';
import { createWorkflowInput } from './schema';

/**
 * Brings in a definition as a draft. Nothing is published, so nothing starts (security.md R3); faults of meaning are returned and
 * can be mended in the editor. A taken name gets a number.
 */
export async function importWorkflow(ctx: Context, input: z.input<typeof createWorkflowInput>): Promise<{ id: string; slug: string; problems: Problem[] }> {
  authorize(ctx, 'workflow:create');
  const { project, definition } = parseInput(createWorkflowInput, input);
  const given = readDefinition(definition);
  return withTenant(ctx.organizationId, async (tx) => {
    const { id: projectId } = await requireProject(tx, ctx, project);
    const name = await freeSlug(tx, ctx, projectId, given.workflow.name);
    const read = name === given.workflow.name ? given : readDefinition({ ...given.document, workflow: { ...(given.document.workflow as object), name } });
    const made = await insertWorkflow(tx, ctx, projectId, read, false);
    return { id: made.id, slug: made.slug, problems: read.problems };
  });
}
