import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { env } from '@/server/env';
import { standardDays } from './standard-days';

export interface Retention {
  /** days that runs are kept after they were queued; null: for ever */
  runDays: number | null;
  /** whether the organization chose them; else they are the installation's */
  chosen: boolean;
  /** what the installation says for organizations that chose nothing */
  standardDays: number | null;
  /** what runs keep in the blob store */
  storage: { bytes: number; files: number; limitBytes: number };
  /** runs removed so far, of which the counts a day are left */
  removedRuns: number;
}

/** How long the organization keeps its runs, and what they take. */
export async function getRetention(ctx: Context): Promise<Retention> {
  authorize(ctx, 'organization:read');
  const where = { organizationId: ctx.organizationId };
  return withTenant(ctx.organizationId, async (tx) => {
    const policy = await tx.retentionPolicy.findUnique({ where });
    const use = await tx.storageUse.findUnique({ where });
    const removed = await tx.runRollup.aggregate({ where, _sum: { runs: true } });
    return {
      runDays: policy ? policy.runDays : standardDays(),
      chosen: policy !== null,
      standardDays: standardDays(),
      storage: { bytes: Number(use?.bytes ?? 0), files: use?.files ?? 0, limitBytes: Number(use?.limitBytes ?? env().HEDDLE_STORAGE_LIMIT) },
      removedRuns: removed._sum.runs ?? 0,
    };
  });
}
