import type { z } from 'zod';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { type EventEntry, toEntry } from './event-entry';
import { findEvents } from './find-events';
import { listEventsInput } from './schema';

/** Events of the organization, the newest first, or the oldest for those who follow. Ids are UUIDv7, so the id is the cursor. */
export async function listEvents(ctx: Context, input: z.input<typeof listEventsInput> = {}): Promise<{ items: EventEntry[]; nextCursor: string | null }> {
  authorize(ctx, 'event:read');
  const filter = parseInput(listEventsInput, input);
  const { rows, nextCursor } = await withTenant(ctx.organizationId, (tx) => findEvents(tx, ctx.organizationId, filter));
  return { items: rows.map(toEntry), nextCursor };
}
