import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { chosen } from './internal';
import { deadLettersAtOnce, selectDeadLettersInput } from './schema';

/** Puts dead letters aside: their runs stay as they failed. At most a hundred a call, the oldest first; `remaining` are still open. */
export async function discardDeadLetters(ctx: Context, input: z.input<typeof selectDeadLettersInput>): Promise<{ discarded: string[]; remaining: number }> {
  authorize(ctx, 'dead-letter:discard');
  const choice = parseInput(selectDeadLettersInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const { letters, total } = await chosen(tx, ctx, choice, deadLettersAtOnce);
    const discarded: string[] = [];
    for (const { id, runId } of letters) {
      const { count } = await tx.deadLetter.updateMany({
        where: { organizationId, id, status: 'open' },
        data: { status: 'discarded', resolvedBy: ctx.actor.name, resolvedAt: new Date() },
      });
      if (count === 0) continue;
      discarded.push(id);
      await audit(tx, ctx, 'dead-letter.discard', { type: 'dead-letter', id }, { runId });
    }
    return { discarded, remaining: total - letters.length };
  });
}
