import type { z } from 'zod';
import { isTerminal } from '@/core/engine/events';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { parseInput } from '@/server/lib/parse-input';
import { sendToRun } from '@/server/queue/enqueue';
import { auditMany, changeMany, type ManyOutcome } from './change-many';
import { manyRunsInput } from './schema';

/** Asks runs to stop: those with these ids, or those a filter finds (absent statuses: all that have not ended). Runs that have ended are skipped. */
export async function cancelRuns(ctx: Context, input: z.input<typeof manyRunsInput>): Promise<ManyOutcome> {
  authorize(ctx, 'run:cancel');
  const asked = parseInput(manyRunsInput, input);
  const live = ['queued', 'running', 'waiting'] as const;
  const filter = asked.filter && { ...asked.filter, status: asked.filter.status?.length ? asked.filter.status : [...live] };
  const outcome = await changeMany({ ...asked, filter }, ctx, async (tx, run) => {
    if (isTerminal(run.status)) return false;
    await sendToRun(tx, ctx.organizationId, run.id, 'cancel', { by: ctx.actor.name });
    await audit(tx, ctx, 'run.cancel', { type: 'run', id: run.id });
    return true;
  });
  await auditMany('run.cancel_many', ctx, asked.ids ? { ids: asked.ids } : { filter }, outcome);
  return outcome;
}
