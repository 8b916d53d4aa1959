import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { Conflict, DomainError } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { retryRun } from '@/server/runs';
import { chosen, requireDeadLetter } from './internal';
import { deadLettersAtOnce, selectDeadLettersInput } from './schema';

export interface RetriedDeadLetters {
  retried: { id: string; runId: string }[];
  /** these stay open */
  failed: { id: string; message: string }[];
  /** open ones that the choice still finds, beyond what one call does and what failed */
  remaining: number;
}

/**
 * Runs the runs of dead letters again, each as a new run from where it failed. At most a hundred a call, the oldest first. Safe to repeat: a letter whose
 * retry was begun before gets the run it was promised.
 */
export async function retryDeadLetters(ctx: Context, input: z.input<typeof selectDeadLettersInput>): Promise<RetriedDeadLetters> {
  authorize(ctx, 'dead-letter:retry');
  const choice = parseInput(selectDeadLettersInput, input);
  const { letters, total } = await withTenant(ctx.organizationId, (tx) => chosen(tx, ctx, choice, deadLettersAtOnce));
  const retried: RetriedDeadLetters['retried'] = [];
  const failed: RetriedDeadLetters['failed'] = [];
  for (const letter of letters) {
    try {
      retried.push({ id: letter.id, runId: await retryOne(ctx, letter.id) });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      failed.push({ id: letter.id, message: error.message });
    }
  }
  return { retried, failed, remaining: total - letters.length };
}

/** The id of the new run is noted first, so that neither a crash nor two people at once start two. */
async function retryOne(ctx: Context, id: string): Promise<string> {
  const { organizationId } = ctx;
  const letter = await withTenant(organizationId, async (tx) => {
    await tx.deadLetter.updateMany({ where: { organizationId, id, status: 'open', retryRunId: null }, data: { retryRunId: uuid() } });
    return requireDeadLetter(tx, ctx, id);
  });
  const { runId, retryRunId } = letter;
  if (letter.status === 'retried' && retryRunId) return retryRunId;
  if (letter.status !== 'open' || !retryRunId) throw new Conflict(`This dead letter is ${letter.status}.`);
  const made = await retryRun(ctx, { runId }, { id: retryRunId }).catch(async (error) => {
    // somebody else retried it at the same moment
    const [same] = await withTenant(organizationId, (tx) => tx.run.findMany({ where: { organizationId, id: retryRunId }, select: { id: true } }));
    if (!same) throw error;
    return { runId: retryRunId };
  });
  await withTenant(organizationId, async (tx) => {
    const { count } = await tx.deadLetter.updateMany({
      where: { organizationId, id, status: 'open' },
      data: { status: 'retried', resolvedBy: ctx.actor.name, resolvedAt: new Date() },
    });
    if (count > 0) await audit(tx, ctx, 'dead-letter.retry', { type: 'dead-letter', id }, { runId, retryRunId: made.runId });
  });
  return made.runId;
}
