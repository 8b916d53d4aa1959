import type { z } from 'zod';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { requireRun } from './internal';
import { planOf } from './make-fork';
import { previewRerunInput } from './schema';

/** What a re-run or a fork would keep and what it would execute again, in the order of the workflow. `version`: null of a draft. */
export async function previewRerun(
  ctx: Context,
  input: z.input<typeof previewRerunInput>,
): Promise<{ kept: string[]; again: string[]; version: number | null }> {
  authorize(ctx, 'run:read');
  const { runId, from, version: wanted, outputs = [] } = parseInput(previewRerunInput, input);
  return withTenant(ctx.organizationId, async (tx) => {
    const run = await requireRun(tx, ctx, runId);
    const given = Object.fromEntries(outputs.map((id) => [id, null]));
    const { kept, again, version } = await planOf(tx, ctx, run, { kind: 'fork', from, version: wanted, outputs: given });
    return { kept, again, version: version.number };
  });
}
