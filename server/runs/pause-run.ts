import type { z } from 'zod';
import type { RunStatus } from '@/core/engine/events';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { sendToRun } from '@/server/queue/enqueue';
import { requireLiveRun } from './internal';
import { runId as runIdInput } from './schema';

/** Halts a run: steps under way end, no new one starts, until it is resumed. Throws Conflict once it has ended. */
export async function pauseRun(ctx: Context, input: z.input<typeof runIdInput>): Promise<{ runId: string; status: RunStatus }> {
  authorize(ctx, 'run:pause');
  const { runId } = parseInput(runIdInput, input);
  return withTenant(ctx.organizationId, async (tx) => {
    const run = await requireLiveRun(tx, ctx, runId);
    await sendToRun(tx, ctx.organizationId, runId, 'pause', { by: ctx.actor.name });
    await audit(tx, ctx, 'run.pause', { type: 'run', id: runId });
    return { runId, status: run.status };
  });
}
