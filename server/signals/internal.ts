import { createHash } from 'node:crypto';
import { isTerminal } from '@/core/engine/events';
import type { OrganizationId, Transaction } from '@/server/db/transaction';
import { Conflict, NotFound, TooManyRequests } from '@/server/lib/errors';

/** Mail that a run may have lying about unread. */
const mostMail = 1_000;

/** A run that goes on; throws NotFound, and Conflict for one that has ended. */
export async function requireGoingOn(tx: Transaction, organizationId: OrganizationId, runId: string): Promise<{ versionId: string }> {
  const run = await tx.run.findUnique({ where: { organizationId_id: { organizationId, id: runId } }, select: { status: true, versionId: true } });
  if (!run) throw new NotFound('This run');
  if (isTerminal(run.status)) throw new Conflict(`This run has ended (${run.status}): nobody waits for a signal any more.`);
  return run;
}

/** A run reads its mail at once; more than this means that it is held up, and whoever sends has to wait as well. */
export async function requireRoom(tx: Transaction, organizationId: OrganizationId, runId: string): Promise<void> {
  const unread = await tx.runInbox.count({ where: { organizationId, runId }, take: mostMail });
  if (unread >= mostMail) throw new TooManyRequests('This run has a lot of unread signals. Try again later.', 5);
}

/** An id that is the same for the same words: mail of that id counts once. */
export function mailIdOf(...words: string[]): string {
  const bytes = createHash('sha256').update(words.join('\0')).digest().subarray(0, 16);
  // a UUID of version 8, whose content is the maker's own
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
