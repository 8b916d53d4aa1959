import type { z } from 'zod';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { requireRun, runExists } from './internal';
import { makeFork } from './make-fork';
import { runId as runIdInput } from './schema';

/** Runs a run again from the start as a new run: same input, same version, nothing kept. */
export async function replayRun(ctx: Context, input: z.input<typeof runIdInput>, options: { id?: string } = {}): Promise<{ runId: string }> {
  authorize(ctx, 'run:replay');
  const { runId } = parseInput(runIdInput, input);
  return withTenant(ctx.organizationId, async (tx) => {
    if (options.id && (await runExists(tx, ctx, options.id))) return { runId: options.id };
    const made = await makeFork(tx, ctx, await requireRun(tx, ctx, runId), { kind: 'replay', version: 'same' }, options.id);
    return { runId: made.runId };
  });
}
