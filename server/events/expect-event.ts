import { type EventService, StepError } from '@/core/node/executor';
import { compileEventFilter, type EventFilter, type EventView } from '@/core/workflow/event-filter';
import { isEventPattern, matchesEvent } from '@/core/workflow/event-pattern';
import type { Json } from '@/core/workflow/workflow';
import { type OrganizationId, type Transaction, withTenant } from '@/server/db/transaction';
import { enginePool } from '@/server/queue/engine-pool';
import { claimAndSend, fitsKey, keyFieldOf, keyValueOf } from './answer-waits';
import { passes } from './event-listeners';
import { idBefore } from './id-bounds';
import { viewOf } from './stored-event';

type Request = Parameters<EventService['expect']>[0];

/** how far back `since` looks, in events */
const mostLookedAt = 10_000;
const page = 200;

/** What steps that wait for events are given. */
export function createEventService(): EventService {
  return { expect: expectEvent };
}

/**
 * Notes that a step waits for an event; dispatchEvent answers it. With `since` the stored events from then on are looked through, oldest first.
 * The step may ask again after a crash, before or after it was answered: the run hears of one event.
 */
export async function expectEvent(request: Request): Promise<void> {
  const { organizationId, runId, path, tryKey, pattern, filter, since } = request;
  if (!isEventPattern(pattern))
    throw new StepError('invalid_pattern', `"${pattern}" is no type of event such as order.paid, order.* or order.**.`, { retryable: false });
  const compiled = compiledFilter(filter);
  const key = keyOf(request, compiled);
  const { rows } = await enginePool().query<{ waits: boolean }>({
    name: 'event-expect',
    text: 'SELECT event_expect($1, $2, $3, $4, $5, $6, $7, $8, to_timestamp($9::float8 / 1000)) AS waits',
    values: [organizationId, runId, path, tryKey, pattern, filter ?? null, keyFieldOf(key?.path), key ? keyValueOf(key.value) : '', since ?? null],
  });
  if (since === undefined || !rows[0]?.waits) return;
  const organization = organizationId as OrganizationId;
  await withTenant(organization, async (tx) => {
    // whoever is publishing either sees the wait, or has committed when the lock is ours
    await tx.$executeRaw`SELECT event_settle(${organizationId}::uuid)`;
    const fits = (event: EventView) =>
      matchesEvent(pattern, event.type) &&
      (!key || fitsKey(event, key)) &&
      (filter === undefined || passes(filter, event, { organizationId, runId, path }) === true);
    const event = await firstSince(tx, organization, new Date(since), pattern, fits);
    if (event) await claimAndSend(tx, organization, viewOf(event), [{ runId, path }]);
  });
}

function compiledFilter(filter: string | undefined): EventFilter | undefined {
  if (filter?.includes('\u0000')) throw new StepError('invalid_filter', 'The filter cannot be used: write NUL as \\u0000.', { retryable: false });
  try {
    return filter === undefined ? undefined : compileEventFilter(filter);
  } catch (error) {
    throw new StepError('invalid_filter', `The filter cannot be used: ${(error as Error).message}`, { retryable: false });
  }
}

/** What must stand where for the event to be the one: what the step says, or else what its filter says plainly. */
function keyOf({ key }: Request, filter: EventFilter | undefined): { path: string[]; value: string } | undefined {
  if (!key) return filter?.key;
  const { field, value } = key;
  if (value === null || typeof value === 'object') {
    throw new StepError('invalid_key', `${field}: an event is found by a text, a number, true or false.`, { retryable: false });
  }
  return { path: field.split('.'), value: String(value) };
}

/** The first stored event from a time on that fits; replays do not count, they tell of what was heard before. */
async function firstSince(
  tx: Transaction,
  organizationId: OrganizationId,
  since: Date,
  pattern: string,
  fits: (event: EventView) => boolean,
): Promise<EventView | undefined> {
  let after: string | undefined;
  for (let looked = 0; looked < mostLookedAt; looked += page) {
    const rows = await tx.event.findMany({
      where: {
        organizationId,
        at: { gte: since },
        replayOf: null,
        ...(pattern.includes('*') ? {} : { type: pattern }),
        id: { gt: after ?? idBefore(since) },
      },
      orderBy: { id: 'asc' },
      take: page,
      select: { id: true, type: true, subject: true, data: true, at: true },
    });
    for (const row of rows) {
      if (!matchesEvent(pattern, row.type)) continue;
      const event = { ...row, data: JSON.parse(row.data) as Json, at: row.at.toISOString() };
      if (fits(event)) return event;
    }
    after = rows.at(-1)?.id;
    if (rows.length < page) return undefined;
  }
  return undefined;
}
