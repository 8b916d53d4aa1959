import { createHash } from 'node:crypto';
import { type EventView, textAt } from '@/core/workflow/event-filter';
import { matchesEvent } from '@/core/workflow/event-pattern';
import { ownSignal } from '@/core/workflow/signal-name';
import type { Json } from '@/core/workflow/workflow';
import type { OrganizationId, Transaction } from '@/server/db/transaction';
import { sendToRuns } from '@/server/queue/send-to-runs';
import { passes } from './event-listeners';

/** Open waits that have pattern and key in common. */
export interface WaitKind {
  prefix: string;
  pattern: string;
  /** the place in the event where each wants its own text, as a JSON array of keys; '' if they want none */
  keyField: string;
}

/** A path as it is stored; '' without one. */
export const keyFieldOf = (path: readonly string[] | undefined): string => (path ? JSON.stringify(path) : '');

/** A text as it is stored and compared: an index holds no long ones, PostgreSQL no NUL and no half characters. */
export function keyValueOf(text: string): string {
  const hash = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
  if (/\0|\p{Surrogate}/u.test(text)) return `sha256-utf16:${hash(Buffer.from(text, 'utf16le'))}`;
  return text.length <= 200 ? text : `sha256:${hash(text)}`;
}

/** Whether the event has the text that a wait wants where it wants it. */
export const fitsKey = (event: EventView, { path, value }: { path: readonly string[]; value: string }): boolean => textAt(event, path) === value;

/**
 * Sends the event, as the signal `$event/PATH`, to each step that waits for it. A wait that was answered stays as such until its run has ended, and
 * two events that come at the same time cannot both answer it: the row is locked.
 */
export async function answerWaits(
  tx: Transaction,
  organizationId: OrganizationId,
  event: EventView & { [key: string]: Json },
  kinds: readonly WaitKind[],
): Promise<{ runId: string; path: string }[]> {
  const matching: { runId: string; path: string }[] = [];
  for (const kind of kinds) {
    if (!matchesEvent(kind.pattern, event.type)) continue;
    const text = kind.keyField === '' ? '' : textAt(event, JSON.parse(kind.keyField) as string[]);
    if (text === undefined) continue;
    const waits = await tx.$queryRaw<{ runId: string; path: string; filter: string | null }[]>`
      SELECT run_id AS "runId", path, filter FROM event_wait
      WHERE organization_id = ${organizationId}::uuid AND prefix = ${kind.prefix} AND pattern = ${kind.pattern} AND key_field = ${kind.keyField}
        AND key_value = ${kind.keyField === '' ? '' : keyValueOf(text)} AND answered_at IS NULL AND since <= ${event.at}::timestamptz`;
    for (const { runId, path, filter } of waits) {
      if (filter === null || passes(filter, event, { organizationId, runId, path }) === true) matching.push({ runId, path });
    }
  }
  return claimAndSend(tx, organizationId, event, matching);
}

/** Takes the waits that are still open, in the order of their keys so that two transactions cannot block each other, and sends the mail. */
export async function claimAndSend(
  tx: Transaction,
  organizationId: OrganizationId,
  event: EventView & { [key: string]: Json },
  waits: { runId: string; path: string }[],
): Promise<{ runId: string; path: string }[]> {
  if (waits.length === 0) return [];
  const claimed = await tx.$queryRaw<{ runId: string; path: string; tryKey: string }[]>`
    UPDATE event_wait w SET answered_at = clock_timestamp(), event_id = ${event.id}::uuid
    FROM (SELECT x.run_id, x.path FROM event_wait x JOIN unnest(${waits.map((w) => w.runId)}::uuid[], ${waits.map((w) => w.path)}::text[]) u(r, p)
            ON x.run_id = u.r AND x.path = u.p
          WHERE x.organization_id = ${organizationId}::uuid AND x.answered_at IS NULL ORDER BY x.run_id, x.path FOR NO KEY UPDATE OF x) c
    WHERE w.organization_id = ${organizationId}::uuid AND w.run_id = c.run_id AND w.path = c.path
    RETURNING w.run_id AS "runId", w.path, w.try_key AS "tryKey"`;
  const mail = claimed.map(({ runId, path, tryKey }) => ({ runId, payload: { name: ownSignal('event', path, tryKey), data: event } }));
  await sendToRuns(tx, organizationId, 'signal', mail);
  return claimed.map(({ runId, path }) => ({ runId, path }));
}
