import type { z } from 'zod';
import type { RunStatus } from '@/core/engine/events';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { type Transaction, withTenant } from '@/server/db/transaction';
import { decodeCursor, encodeCursor } from '@/server/lib/cursor';
import { Invalid } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { requireProject } from '@/server/projects';
import { listWorkflowsInput } from './schema';

export interface WorkflowSummary {
  id: string;
  slug: string;
  title: string;
  description: string;
  project: { id: string; slug: string; name: string };
  /** the published version's number; null: never published */
  version: number | null;
  /** node types of the draft's steps, in order, each once */
  nodeTypes: string[];
  steps: number;
  /** types of the published version's triggers */
  triggers: string[];
  lastRun: { id: string; status: RunStatus; queuedAt: string; finishedAt: string | null } | null;
  updatedAt: string;
}

/** The workflows of the organization, the latest changed first. */
export async function listWorkflows(
  ctx: Context,
  input: z.input<typeof listWorkflowsInput> = {},
): Promise<{ items: WorkflowSummary[]; nextCursor: string | null }> {
  authorize(ctx, 'workflow:read');
  const { project, slug, text, deleted, cursor, limit } = parseInput(listWorkflowsInput, input);
  const { organizationId } = ctx;
  const after = cursor ? pageAfter(cursor) : {};
  return withTenant(organizationId, async (tx) => {
    const projectId = project === undefined ? undefined : (await requireProject(tx, ctx, project)).id;
    const rows = await tx.workflow.findMany({
      where: {
        organizationId,
        deletedAt: deleted ? { not: null } : null,
        ...(projectId ? { projectId } : {}),
        ...(slug ? { slug } : {}),
        AND: [after, text ? { OR: [{ title: { contains: text, mode: 'insensitive' as const } }, { slug: { contains: text.toLowerCase() } }] } : {}],
      },
      orderBy: [{ updatedAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      include: { project: { select: { id: true, slug: true, name: true } }, triggers: { select: { type: true }, orderBy: { position: 'asc' } } },
    });
    const page = rows.slice(0, limit);
    const versions = await tx.workflowVersion.findMany({
      where: { organizationId, id: { in: page.flatMap((w) => w.currentVersionId ?? []) } },
      select: { id: true, number: true },
    });
    const numbers = new Map(versions.map((v) => [v.id, v.number]));
    const lastRuns = await lastRunOf(
      tx,
      ctx,
      page.map((w) => w.id),
    );
    const items = page.map((w) => ({
      id: w.id,
      slug: w.slug,
      title: w.title,
      ...outline(w.draft),
      project: w.project,
      version: (w.currentVersionId && numbers.get(w.currentVersionId)) || null,
      triggers: w.triggers.map((t) => t.type),
      lastRun: lastRuns.get(w.id) ?? null,
      updatedAt: w.updatedAt.toISOString(),
    }));
    const last = page.at(-1);
    return { items, nextCursor: rows.length > limit && last ? encodeCursor([last.updatedAt.toISOString(), last.id]) : null };
  });
}

function pageAfter(cursor: string) {
  const [at = '', id = ''] = decodeCursor(cursor, 2);
  const updatedAt = new Date(at);
  if (Number.isNaN(updatedAt.getTime()) || !/^[0-9a-f-]{36}$/.test(id)) throw new Invalid('cursor: this is not a cursor of this list.');
  return { OR: [{ updatedAt: { lt: updatedAt } }, { updatedAt, id: { lt: id } }] };
}

/** What a list shows of a draft, read leniently: no parse of the whole definition for each row. */
function outline(draft: unknown): { description: string; nodeTypes: string[]; steps: number } {
  const graph = (draft as { workflow?: { description?: unknown; steps?: unknown } } | null)?.workflow;
  const steps: { uses?: unknown; agent?: unknown }[] = Array.isArray(graph?.steps) ? graph.steps : [];
  const types = steps.map((s) => (typeof s?.uses === 'string' ? s.uses : s?.agent ? 'agent' : 'pass'));
  return { description: typeof graph?.description === 'string' ? graph.description : '', nodeTypes: [...new Set(types)], steps: steps.length };
}

/** The newest run of each workflow, one index probe each, in one statement. */
async function lastRunOf(tx: Transaction, ctx: Context, ids: string[]) {
  if (ids.length === 0) return new Map<string, never>();
  const rows = await tx.$queryRaw<{ workflow_id: string; id: string; status: RunStatus; queued_at: Date; finished_at: Date | null }[]>`
    SELECT w.id::text AS workflow_id, r.id::text AS id, r.status::text AS status, r.queued_at, r.finished_at
      FROM unnest(${ids}::uuid[]) AS w(id)
      CROSS JOIN LATERAL (SELECT id, status, queued_at, finished_at FROM run
        WHERE organization_id = ${ctx.organizationId}::uuid AND workflow_id = w.id ORDER BY id DESC LIMIT 1) r`;
  return new Map(
    rows.map((r) => [r.workflow_id, { id: r.id, status: r.status, queuedAt: r.queued_at.toISOString(), finishedAt: r.finished_at?.toISOString() ?? null }]),
  );
}
