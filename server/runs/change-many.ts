import { audit } from '@/server/audit/record';
import type { Context } from '@/server/auth/context';
import { type Transaction, withTenant } from '@/server/db/transaction';
import { DomainError } from '@/server/lib/errors';
import { findRuns, type RunFilter } from './find-runs';
import type { PriorRun } from './retry-one';

/** What became of the runs of one call. */
export interface ManyOutcome {
  /** how many it was done to */
  done: number;
  /** how many needed nothing */
  skipped: number;
  /** the first of those it could not be done to, and how many there are */
  failed: number;
  problems: { runId: string; message: string }[];
  /** of a filter: hand it to the next call; null when all are done */
  nextCursor: string | null;
}

export interface ManyRequest {
  ids?: string[] | undefined;
  filter?: RunFilter | undefined;
  cursor?: string | null | undefined;
  limit: number;
}

/** Runs of one transaction: short enough to hold nothing up. */
const batch = 50;
const mostProblems = 20;

/**
 * Does something to many runs, in transactions of a few runs each, and says how it went. `change` answers whether there was anything to do, and may
 * refuse a run with a DomainError.
 */
export async function changeMany(
  { ids, filter, cursor, limit }: ManyRequest,
  ctx: Context,
  change: (tx: Transaction, run: PriorRun) => Promise<boolean>,
): Promise<ManyOutcome> {
  const { organizationId } = ctx;
  const found = ids
    ? { ids: [...new Set(ids)], cursor: null }
    : await withTenant(organizationId, (tx) => findRuns(tx, organizationId, filter ?? {}, { cursor, limit }));
  const outcome: ManyOutcome = { done: 0, skipped: 0, failed: 0, problems: [], nextCursor: found.cursor };
  const refuse = (runId: string, message: string) => {
    outcome.failed++;
    if (outcome.problems.length < mostProblems) outcome.problems.push({ runId, message });
  };
  for (let at = 0; at < found.ids.length; at += batch) {
    const part = found.ids.slice(at, at + batch);
    await withTenant(organizationId, async (tx) => {
      const rows = await tx.run.findMany({ where: { organizationId, id: { in: part } }, omit: { output: true, fork: true } });
      const byId = new Map(rows.map((r) => [r.id, r]));
      for (const id of part) {
        const run = byId.get(id);
        try {
          if (!run) refuse(id, 'This run does not exist.');
          else if (await change(tx, run)) outcome.done++;
          else outcome.skipped++;
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          refuse(id, error.message);
        }
      }
    });
  }
  return outcome;
}

/** The audit event of the call as a whole, beside each run's own; a call that found nothing to do leaves none. */
export async function auditMany(action: string, ctx: Context, asked: Record<string, unknown>, { done, skipped, failed }: ManyOutcome): Promise<void> {
  if (done + failed === 0) return;
  await withTenant(ctx.organizationId, (tx) => audit(tx, ctx, action, { type: 'run', id: 'many' }, { ...asked, done, skipped, failed }));
}
