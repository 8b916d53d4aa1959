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

/** Lets a paused run go on; one that is not paused stays as it is. Throws Conflict once it has ended. */
export async function resumeRun(ctx: Context, input: z.input<typeof runIdInput>): Promise<{ runId: string; status: RunStatus }> {
  authorize(ctx, 'run:resume');
  const { runId } = parseInput(runIdInput, input);
  return withTenant(ctx.organizationId, async (tx) => {
    const run = await requireLiveRun(tx, ctx, runId);
    await sendToRun(tx, ctx.organizationId, runId, 'resume', { by: ctx.actor.name });
    await audit(tx, ctx, 'run.resume', { type: 'run', id: runId });
    return { runId, status: run.status };
  });
}
