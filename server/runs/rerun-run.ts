import type { z } from 'zod';
import { isTerminal } from '@/core/engine/events';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { Conflict } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { requireRun, runExists } from './internal';
import { type Forked, makeFork } from './make-fork';
import { rerunRunInput } from './schema';

/**
 * Runs an ended run again from a step as a new run, on the same or another version, with another input or other results of earlier steps. What was
 * done before that step is kept; of another version, steps that are defined differently and all after them run again. Answers which are which.
 */
export async function rerunRun(ctx: Context, input: z.input<typeof rerunRunInput>, options: { id?: string } = {}): Promise<Forked> {
  authorize(ctx, 'run:rerun');
  const { runId, ...asked } = parseInput(rerunRunInput, input);
  return withTenant(ctx.organizationId, async (tx) => {
    if (options.id && (await runExists(tx, ctx, options.id))) return { runId: options.id, kept: [], again: [] };
    const run = await requireRun(tx, ctx, runId);
    if (!isTerminal(run.status)) throw new Conflict(`This run is ${run.status}: fork it, cancel it, or wait until it has ended.`);
    return makeFork(tx, ctx, run, { kind: 'rerun', ...asked }, options.id);
  });
}
