import type { z } from 'zod';
import { isTerminal, type RunStatus } from '@/core/engine/events';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { sendToRun } from '@/server/queue/enqueue';
import { requireRun } from './internal';
import { runId as runIdInput } from './schema';

/** Asks a run to stop, wherever it is; it ends as `cancelled` soon after. A run that has ended stays as it is. */
export async function cancelRun(ctx: Context, input: z.input<typeof runIdInput>): Promise<{ runId: string; status: RunStatus }> {
  authorize(ctx, 'run:cancel');
  const { runId } = parseInput(runIdInput, input);
  return withTenant(ctx.organizationId, async (tx) => {
    const run = await requireRun(tx, ctx, runId);
    if (!isTerminal(run.status)) {
      await sendToRun(tx, ctx.organizationId, runId, 'cancel', { by: ctx.actor.name });
      await audit(tx, ctx, 'run.cancel', { type: 'run', id: runId });
    }
    return { runId, status: run.status };
  });
}
