import type { z } from 'zod';
import type { JsonObject, Problem } from '@/core/workflow/workflow';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { type Transaction, withTenant } from '@/server/db/transaction';
import { hashJson } from '@/server/lib/canonical-json';
import { NotFound } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { requireProject } from '@/server/projects';
import { type TriggerEntry, triggersOf } from '@/server/triggers';
import { readDefinition } from './definition';
import { requireWorkflow } from './internal';
import { getWorkflowInput } from './schema';

export interface WorkflowDetail {
  id: string;
  slug: string;
  title: string;
  description: string;
  project: { id: string; slug: string; name: string };
  /** what the editor shows: an AWL document, `{workflow: {…}}` */
  draft: { document: JsonObject; revision: number; problems: Problem[] /** differs from the published version */; changed: boolean };
  /** the published version; null: never published */
  version: { id: string; number: number; document: JsonObject; createdAt: string } | null;
  /** of the published version */
  triggers: TriggerEntry[];
  createdAt: string;
  updatedAt: string;
}

/** A workflow by id, or by slug (in a project; without one the oldest of that name). Throws NotFound. */
export async function getWorkflow(ctx: Context, input: z.input<typeof getWorkflowInput>): Promise<WorkflowDetail> {
  authorize(ctx, 'workflow:read');
  const wanted = parseInput(getWorkflowInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const id = 'id' in wanted ? wanted.id : await idOfSlug(tx, ctx, wanted.slug, wanted.project);
    const row = await requireWorkflow(tx, ctx, id);
    const version = row.currentVersionId ? await tx.workflowVersion.findFirst({ where: { organizationId, id: row.currentVersionId } }) : null;
    const draft = readDefinition(row.draft);
    return {
      id,
      slug: row.slug,
      title: row.title,
      description: draft.workflow.description ?? '',
      project: await requireProject(tx, ctx, row.projectId),
      draft: {
        document: draft.document,
        revision: row.draftRevision,
        problems: draft.problems,
        changed: version?.hash !== hashJson(draft.document),
      },
      version: version && {
        id: version.id,
        number: version.number ?? 0,
        document: version.definition as JsonObject,
        createdAt: version.createdAt.toISOString(),
      },
      triggers: await triggersOf(tx, ctx, id),
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    };
  });
}

async function idOfSlug(tx: Transaction, ctx: Context, slug: string, project?: string): Promise<string> {
  const projectId = project === undefined ? undefined : (await requireProject(tx, ctx, project)).id;
  const row = await tx.workflow.findFirst({
    where: { organizationId: ctx.organizationId, slug, deletedAt: null, ...(projectId ? { projectId } : {}) },
    orderBy: { id: 'asc' },
    select: { id: true },
  });
  if (!row) throw new NotFound('This workflow');
  return row.id;
}
