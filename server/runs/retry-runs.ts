import type { z } from 'zod';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { parseInput } from '@/server/lib/parse-input';
import { auditMany, changeMany, type ManyOutcome } from './change-many';
import { retryOne } from './retry-one';
import { manyRunsInput } from './schema';

/**
 * Retries failed and cancelled runs from where they failed: those with these ids, or those a filter finds (absent statuses: the failed ones). Of a filter,
 * runs that were retried before are skipped, so that a repeated call starts nothing twice, and so are those that other runs called: retrying the caller
 * calls them again.
 */
export async function retryRuns(ctx: Context, input: z.input<typeof manyRunsInput>): Promise<ManyOutcome> {
  authorize(ctx, 'run:retry');
  const asked = parseInput(manyRunsInput, input);
  const { organizationId } = ctx;
  const filter = asked.filter && { ...asked.filter, status: asked.filter.status?.length ? asked.filter.status : (['failed'] as const).slice() };
  const outcome = await changeMany({ ...asked, filter }, ctx, async (tx, run) => {
    if (run.status === 'succeeded') return false;
    if (filter && run.callerRunId !== null) return false;
    if (filter && (await tx.run.findFirst({ where: { organizationId, parentRunId: run.id }, select: { id: true } }))) return false;
    await retryOne(tx, ctx, run);
    return true;
  });
  await auditMany('run.retry_many', ctx, asked.ids ? { ids: asked.ids } : { filter }, outcome);
  return outcome;
}
