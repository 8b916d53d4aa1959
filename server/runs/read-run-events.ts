import type { z } from 'zod';
import { isTerminal, type RunEvent, type RunStatus } from '@/core/engine/events';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { eventsAfter, requireRun } from './internal';
import { readRunEventsInput } from './schema';

/** A part of a run's log, from after `after`. `ended`: the run is over and nothing follows what was returned. */
export async function readRunEvents(
  ctx: Context,
  input: z.input<typeof readRunEventsInput>,
): Promise<{ events: RunEvent[]; status: RunStatus; ended: boolean }> {
  authorize(ctx, 'run:read');
  const { runId, after, limit } = parseInput(readRunEventsInput, input);
  return withTenant(ctx.organizationId, async (tx) => {
    // the row first: when it says that the run has ended, the log read after it is complete
    const { status } = await requireRun(tx, ctx, runId);
    const events = await eventsAfter(tx, ctx, runId, after, limit);
    return { events, status, ended: isTerminal(status) && events.length < limit };
  });
}
