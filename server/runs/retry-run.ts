import type { z } from 'zod';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { assertSafeJson } from '@/server/lib/safe-json';
import { requireRun, runExists } from './internal';
import { retryOne } from './retry-one';
import { retryRunInput } from './schema';
import { maxInputBytes } from './start-run';

/**
 * Runs an ended run again as a new run of the same version. With `from` what was checkpointed before that step is kept; without, a failed
 * run goes on from where it failed and a succeeded one starts over. Another `input` starts over, since what was kept came from the old one.
 */
export async function retryRun(ctx: Context, input: z.input<typeof retryRunInput>, options: { id?: string } = {}): Promise<{ runId: string }> {
  authorize(ctx, 'run:retry');
  const { runId, from, input: given } = parseInput(retryRunInput, input);
  if (given !== undefined) assertSafeJson(given, 'input', { bytes: maxInputBytes });
  return withTenant(ctx.organizationId, async (tx) => {
    if (options.id && (await runExists(tx, ctx, options.id))) return { runId: options.id };
    const run = await requireRun(tx, ctx, runId);
    return { runId: await retryOne(tx, ctx, run, { from, input: given, ...options }) };
  });
}
