import type { z } from 'zod';
import type { Failure, RunStatus } from '@/core/engine/events';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { findRuns } from './find-runs';
import { listRunsInput } from './schema';

export interface RunSummary {
  id: string;
  workflow: { id: string; slug: string; title: string };
  /** null: a test run of a draft */
  version: number | null;
  status: RunStatus;
  /** halted by somebody; the status is then `waiting` */
  paused: boolean;
  trigger: string;
  startedBy: string | null;
  error: Failure | null;
  queuedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  cost: number;
  parentRunId: string | null;
}

/** Runs, newest first. Ids are UUIDv7, so the id is both the order and the cursor; a page may hold fewer than `limit` and still have a next one. */
export async function listRuns(ctx: Context, input: z.input<typeof listRunsInput> = {}): Promise<{ items: RunSummary[]; nextCursor: string | null }> {
  authorize(ctx, 'run:read');
  const { cursor, limit, ...filter } = parseInput(listRunsInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const found = await findRuns(tx, organizationId, filter, { cursor, limit });
    const page = await tx.run.findMany({
      where: { organizationId, id: { in: found.ids } },
      orderBy: { id: 'desc' },
      omit: { input: true, output: true, fork: true },
    });
    const workflows = await tx.workflow.findMany({
      where: { organizationId, id: { in: [...new Set(page.map((r) => r.workflowId))] } },
      select: { id: true, slug: true, title: true },
    });
    const versions = await tx.workflowVersion.findMany({
      where: { organizationId, id: { in: [...new Set(page.map((r) => r.versionId))] } },
      select: { id: true, number: true },
    });
    const workflowOf = new Map(workflows.map((w) => [w.id, w]));
    const numberOf = new Map(versions.map((v) => [v.id, v.number]));
    const items = page.map((r) => ({
      id: r.id,
      workflow: workflowOf.get(r.workflowId) ?? { id: r.workflowId, slug: '', title: '' },
      version: numberOf.get(r.versionId) ?? null,
      status: r.status,
      paused: r.pausedAt !== null,
      trigger: r.trigger,
      startedBy: r.startedBy,
      error: r.error === null ? null : (JSON.parse(r.error) as Failure),
      queuedAt: r.queuedAt.toISOString(),
      startedAt: r.startedAt?.toISOString() ?? null,
      finishedAt: r.finishedAt?.toISOString() ?? null,
      cost: r.costUsd,
      parentRunId: r.parentRunId,
    }));
    return { items, nextCursor: found.cursor };
  });
}
