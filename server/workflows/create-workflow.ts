import type { z } from 'zod';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { requireProject } from '@/server/projects';
import { readValidDefinition, type Warning, warningsOf } from './definition';
import { insertWorkflow } from './insert-workflow';
import { createWorkflowInput } from './schema';

/** Makes a workflow from a valid definition and publishes it as version 1. Throws Invalid with the places, Conflict when the name is taken. */
export async function createWorkflow(
  ctx: Context,
  input: z.input<typeof createWorkflowInput>,
): Promise<{ id: string; slug: string; version: number; warnings: Warning[] }> {
  authorize(ctx, 'workflow:create');
  authorize(ctx, 'workflow:publish');
  const { project, definition } = parseInput(createWorkflowInput, input);
  const read = readValidDefinition(definition);
  return withTenant(ctx.organizationId, async (tx) => {
    const { id: projectId } = await requireProject(tx, ctx, project);
    const made = await insertWorkflow(tx, ctx, projectId, read, true);
    return { id: made.id, slug: made.slug, version: made.version ?? 1, warnings: warningsOf(read) };
  });
}
