import type { z } from 'zod';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { countDeadLettersInput } from './schema';

const most = 1_000;

/** How many wait for somebody; `more`: there are more than that. */
export async function countDeadLetters(ctx: Context, input: z.input<typeof countDeadLettersInput> = {}): Promise<{ open: number; more: boolean }> {
  authorize(ctx, 'dead-letter:read');
  const { workflowId } = parseInput(countDeadLettersInput, input);
  const { organizationId } = ctx;
  const found = await withTenant(organizationId, (tx) =>
    tx.deadLetter.count({ where: { organizationId, status: 'open', ...(workflowId ? { workflowId } : {}) }, take: most + 1 }),
  );
  return { open: Math.min(found, most), more: found > most };
}
