import type { z } from 'zod';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { requireRun, runExists } from './internal';
import { type Forked, makeFork } from './make-fork';
import { forkRunInput } from './schema';

/**
 * Makes a copy of a run, also of one that goes on or waits, that goes on by itself from a step (absent: from wherever it is). What the run has under way
 * or waits for is begun anew in the copy. The run itself is untouched.
 */
export async function forkRun(ctx: Context, input: z.input<typeof forkRunInput>, options: { id?: string } = {}): Promise<Forked> {
  authorize(ctx, 'run:fork');
  const { runId, ...asked } = parseInput(forkRunInput, input);
  return withTenant(ctx.organizationId, async (tx) => {
    if (options.id && (await runExists(tx, ctx, options.id))) return { runId: options.id, kept: [], again: [] };
    return makeFork(tx, ctx, await requireRun(tx, ctx, runId), { kind: 'fork', ...asked }, options.id);
  });
}
