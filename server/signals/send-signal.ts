import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { assertSafeJson } from '@/server/lib/safe-json';
import { sendToRun } from '@/server/queue/enqueue';
import { requireGoingOn, requireRoom } from './internal';
import { maxSignalBytes, sendSignalInput } from './schema';

/**
 * Sends a run a signal: the step that waits for this name goes on with its data, now or when it comes to wait. Throws NotFound, and Conflict for a
 * run that has ended. `options.id` makes a repetition the same signal (never a client's).
 */
export async function sendSignal(
  ctx: Context,
  input: z.input<typeof sendSignalInput>,
  options: { id?: string } = {},
): Promise<{ runId: string; name: string }> {
  authorize(ctx, 'run:signal');
  const { runId, name, data = {} } = parseInput(sendSignalInput, input);
  assertSafeJson(data, 'data', { bytes: maxSignalBytes });
  return withTenant(ctx.organizationId, async (tx) => {
    await requireGoingOn(tx, ctx.organizationId, runId);
    await requireRoom(tx, ctx.organizationId, runId);
    await sendToRun(tx, ctx.organizationId, runId, 'signal', { name, data, by: ctx.actor.name }, options.id);
    await audit(tx, ctx, 'run.signal', { type: 'run', id: runId }, { name });
    return { runId, name };
  });
}
