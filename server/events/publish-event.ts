import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import { prefixesOf } from '@/core/workflow/event-pattern';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { type Transaction, withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { assertSafeJson } from '@/server/lib/safe-json';
import { dispatchEvent, lookAround } from './dispatch-event';
import { eventCounts } from './event-counts';
import { publishEventInput } from './schema';
import type { Outcome } from './stored-event';

export interface PublishedEvent {
  id: string;
  /** what the event started */
  runs: Outcome['runs'];
  /** workflows whose trigger matches, but not their input schema, or whose filter failed */
  leftOut: Outcome['leftOut'];
}

/**
 * Stores an event of the organization with what it starts: a run of each published workflow with a trigger that matches, and the answers to steps that
 * wait for it, all in one transaction. `options.id` is the id of the event, when the caller had to know it before (never a client's); an event that
 * was published already is the answer.
 */
export async function publishEvent(ctx: Context, input: z.input<typeof publishEventInput>, options: { id?: string } = {}): Promise<PublishedEvent> {
  authorize(ctx, 'event:publish');
  const { type, subject, data = {} } = parseInput(publishEventInput, input);
  assertSafeJson(data, 'data');
  const id = options.id ?? uuid();
  const { organizationId } = ctx;
  const published = await withTenant(organizationId, async (tx) => {
    const before = options.id && (await publishedBefore(tx, ctx, id));
    if (before) return before;
    const look = await lookAround(tx, organizationId, prefixesOf(type));
    const event = { type, subject: subject ?? null, data, id, at: look.at.toISOString(), depth: 0, cause: [] };
    const outcome = await dispatchEvent(tx, organizationId, event, look);
    await tx.$executeRaw`
      INSERT INTO event (organization_id, id, type, subject, data, at, source, published_by, dispatched_at, outcome)
      VALUES (${organizationId}::uuid, ${id}::uuid, ${type}, ${event.subject}, ${JSON.stringify(data)}, ${look.at}, 'api', ${ctx.actor.id},
              ${look.at}, ${JSON.stringify(outcome)})`;
    // without the reasons: they may quote the data
    const details = { runs: outcome.runs, leftOut: outcome.leftOut.map(({ workflow }) => workflow) };
    await audit(tx, ctx, 'event.publish', { type: 'event', id, name: type }, details);
    return outcome;
  });
  eventCounts.published++;
  return { id, runs: published.runs, leftOut: published.leftOut };
}

/** The outcome of an event that was published before its process died. */
async function publishedBefore(tx: Transaction, { organizationId }: Context, id: string): Promise<Outcome | undefined> {
  const row = await tx.event.findUnique({ where: { organizationId_id: { organizationId, id } }, select: { outcome: true } });
  return row?.outcome ? (JSON.parse(row.outcome) as Outcome) : undefined;
}
