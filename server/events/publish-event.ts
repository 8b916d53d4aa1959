import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { parseInput } from '@/server/lib/parse-input';
import { assertSafeJson } from '@/server/lib/safe-json';
import { eventCounts } from './event-counts';
import { takeIn } from './event-intake';
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
 * wait for it, all in one transaction, with its audit event. `options.id` is the id of the event, when the caller had to know it before (never a
 * client's); an event that was published already is the answer.
 */
export async function publishEvent(ctx: Context, input: z.input<typeof publishEventInput>, options: { id?: string } = {}): Promise<PublishedEvent> {
  authorize(ctx, 'event:publish');
  const { type, subject = null, data = {} } = parseInput(publishEventInput, input);
  assertSafeJson(data, 'data');
  const id = options.id ?? uuid();
  const { runs, leftOut } = await takeIn({ ctx, id, repeatable: options.id !== undefined, type, subject, data });
  eventCounts.published++;
  return { id, runs, leftOut };
}
