import type { z } from 'zod';
import type { RunEvent, RunStatus } from '@/core/engine/events';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { type EventRow, requireRun, toEvents } from './internal';
import { readAnswerEventsInput } from './schema';

/** Of a run's log what its caller waits for: its end, the answers of Respond steps and the output of one step; the rest stays unread. */
export async function readAnswerEvents(ctx: Context, input: z.input<typeof readAnswerEventsInput>): Promise<{ events: RunEvent[]; status: RunStatus }> {
  authorize(ctx, 'run:read');
  const { runId, step = '' } = parseInput(readAnswerEventsInput, input);
  const { status, rows } = await withTenant(ctx.organizationId, async (tx) => {
    const { status } = await requireRun(tx, ctx, runId);
    // a text that holds "respond": may be another thing, so the last of several count; who reads them looks again
    const rows = await tx.$queryRaw<EventRow[]>`
      SELECT seq, type, path, at, data FROM run_event
      WHERE organization_id = ${ctx.organizationId}::uuid AND run_id = ${runId}::uuid
        AND (type IN ('run.succeeded', 'run.failed') OR type = 'step.succeeded' AND (path = ${step} OR data LIKE '%"respond":%'))
      ORDER BY seq DESC LIMIT 50`;
    return { status, rows: rows.reverse() };
  });
  return { status, events: await toEvents(ctx.organizationId, rows) };
}
