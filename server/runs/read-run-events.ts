import type { z } from 'zod';
import { isTerminal, type RunEvent, type RunStatus } from '@/core/engine/events';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { eventRowsAfter, requireRun, toEvents } from './internal';
import { readRunEventsInput } from './schema';

/** A part of a run's log, from after `after`: up to `limit` events, fewer when they are large. `more`: others follow. `ended`: the run is over and nothing follows. */
export async function readRunEvents(
  ctx: Context,
  input: z.input<typeof readRunEventsInput>,
): Promise<{ events: RunEvent[]; status: RunStatus; more: boolean; ended: boolean }> {
  authorize(ctx, 'run:read');
  const { runId, after, limit } = parseInput(readRunEventsInput, input);
  const { status, rows, more } = await withTenant(ctx.organizationId, async (tx) => {
    // the row first: when it says that the run has ended, the log read after it is complete
    const { status } = await requireRun(tx, ctx, runId);
    return { status, ...(await eventRowsAfter(tx, ctx, runId, after, limit)) };
  });
  return { events: await toEvents(ctx.organizationId, rows), status, more, ended: isTerminal(status) && !more };
}
