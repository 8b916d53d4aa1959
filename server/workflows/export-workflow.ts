import type { z } from 'zod';
import { formatAwl } from '@/core/workflow/awl';
import type { JsonObject } from '@/core/workflow/workflow';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { storedWorkflow } from './definition';
import { requireWorkflow } from './internal';
import { exportWorkflowInput } from './schema';

export interface ExportedWorkflow {
  slug: string;
  version: number | null;
  /** YAML */
  awl: string;
  document: JsonObject;
}

/** The definition of a version as AWL: a number, `draft`, or the current version (the draft when none was published). */
export async function exportWorkflow(ctx: Context, input: z.input<typeof exportWorkflowInput>): Promise<ExportedWorkflow> {
  authorize(ctx, 'workflow:read');
  const { id, version } = parseInput(exportWorkflowInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const workflow = await requireWorkflow(tx, ctx, id);
    const wanted =
      version === 'draft' || (version === undefined && !workflow.currentVersionId)
        ? null
        : await tx.workflowVersion.findFirst({
            where: { organizationId, workflowId: id, ...(version === undefined ? { id: workflow.currentVersionId ?? '' } : { number: version }) },
          });
    if (typeof version === 'number' && !wanted) throw new NotFound('This version');
    const document = (wanted?.definition ?? workflow.draft) as JsonObject;
    return { slug: workflow.slug, version: wanted?.number ?? null, awl: formatAwl(storedWorkflow(document)), document };
  });
}
