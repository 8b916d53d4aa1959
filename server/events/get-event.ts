import type { z } from 'zod';
import type { RunStatus } from '@/core/engine/events';
import type { Json } from '@/core/workflow/workflow';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { type EventEntry, outcomeOf, toEntry } from './event-entry';
import { eventId } from './schema';
import type { Outcome } from './stored-event';

export interface EventDetails extends Omit<EventEntry, 'started' | 'answered' | 'leftOut' | 'truncated'> {
  data: Json;
  /** what it started; no status: the run is not kept any more */
  runs: (Outcome['runs'][number] & { status: RunStatus | null })[];
  leftOut: Outcome['leftOut'];
  answered: { runId: string; path: string }[];
  /** why it was not allowed to start anything */
  stopped: string | null;
  /** how many events led to this one */
  depth: number;
  /** the events that repeat this one, the newest first, at most 100 */
  replays: { id: string; at: string }[];
}

/** An event with all its data and what it did. */
export async function getEvent(ctx: Context, input: z.input<typeof eventId>): Promise<EventDetails> {
  authorize(ctx, 'event:read');
  const { id } = parseInput(eventId, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const row = await tx.event.findUnique({ where: { organizationId_id: { organizationId, id } } });
    if (!row) throw new NotFound('This event');
    const { started: _, answered: __, ...entry } = toEntry(row);
    const { runs, leftOut, answered = [], stopped = null } = outcomeOf(row);
    const found = await tx.run.findMany({ where: { organizationId, id: { in: runs.map((r) => r.runId) } }, select: { id: true, status: true } });
    const statusOf = new Map(found.map((r) => [r.id, r.status]));
    const replays = await tx.event.findMany({ where: { organizationId, replayOf: id }, orderBy: { id: 'desc' }, take: 100, select: { id: true, at: true } });
    return {
      ...entry,
      runs: runs.map((r) => ({ ...r, status: statusOf.get(r.runId) ?? null })),
      leftOut,
      answered,
      stopped,
      depth: row.depth,
      replays: replays.map((r) => ({ id: r.id, at: r.at.toISOString() })),
    };
  });
}
