import type { Context } from '@/server/auth/context';
import type { Transaction } from '@/server/db/transaction';
import { syncTriggers } from '@/server/triggers';
import type { ReadDefinition } from './definition';
import { freezeVersion, type Version } from './freeze-version';

/** Publishes a valid definition as the workflow's current version and rewrites its triggers. The caller holds the row's lock. */
export async function makeCurrent(
  tx: Transaction,
  ctx: Context,
  workflow: { id: string; projectId: string; currentVersionId: string | null },
  read: ReadDefinition,
): Promise<Version & { number: number; changed: boolean }> {
  const version = await freezeVersion(tx, ctx, workflow.id, read.document, true);
  const changed = version.id !== workflow.currentVersionId;
  if (changed) {
    await tx.workflow.update({
      where: { organizationId_id: { organizationId: ctx.organizationId, id: workflow.id } },
      data: { currentVersionId: version.id, updatedAt: new Date() },
    });
    await syncTriggers(tx, ctx, { workflowId: workflow.id }, read.workflow);
  }
  return { ...version, number: version.number ?? 0, changed };
}
