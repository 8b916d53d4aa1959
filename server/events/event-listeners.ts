import { LRUCache } from 'lru-cache';
import { compileEventFilter, type EventFilter, type EventView } from '@/core/workflow/event-filter';
import { literalPrefix, matchesEvent, prefixesOf } from '@/core/workflow/event-pattern';
import type { OrganizationId, Transaction } from '@/server/db/transaction';
import { logger } from '@/server/lib/logger';
import { eventCounts } from './event-counts';

/** An event trigger of a workflow. */
interface EventListener {
  workflowId: string;
  pattern: string;
  filter?: string;
}
interface Listeners {
  generation: bigint;
  /** by what the pattern has before its first wildcard: an event looks only where it could match */
  byPrefix: Map<string, EventListener[]>;
  size: number;
}

/** Kept per organization, and used only while the generation that the transaction reads is still the same: no notification can come too late. */
const cache = new LRUCache<string, Listeners>({ maxSize: 200_000, sizeCalculation: ({ size }) => size + 1 });
const filters = new LRUCache<string, EventFilter | Error>({ max: 10_000 });
/** a filter that fails for every event says so once a minute */
const complained = new LRUCache<string, true>({ max: 1_000, ttl: 60_000 });

/** The event triggers of an organization that match a type, by workflow. `generation` is what this transaction read of event_bus. */
export async function listenersFor(
  tx: Transaction,
  organizationId: OrganizationId,
  generation: bigint | null,
  type: string,
): Promise<Map<string, EventListener[]>> {
  const matching = new Map<string, EventListener[]>();
  if (generation === null) return matching;
  let listeners = cache.get(organizationId);
  if (listeners?.generation !== generation) {
    listeners = await load(tx, organizationId);
    cache.set(organizationId, listeners);
  }
  for (const prefix of prefixesOf(type)) {
    for (const listener of listeners.byPrefix.get(prefix) ?? []) {
      if (!matchesEvent(listener.pattern, type)) continue;
      const of = matching.get(listener.workflowId);
      if (of) of.push(listener);
      else matching.set(listener.workflowId, [listener]);
    }
  }
  return matching;
}

/** The triggers and their generation, in one statement: both as of the same moment. */
async function load(tx: Transaction, organizationId: OrganizationId): Promise<Listeners> {
  const rows = await tx.$queryRaw<{ generation: bigint; workflowId: string | null; pattern: string | null; filter: string | null }[]>`
    SELECT b.generation, t.workflow_id AS "workflowId", t.settings->>'pattern' AS pattern, t.settings->>'filter' AS filter
    FROM event_bus b LEFT JOIN trigger t ON t.organization_id = b.organization_id AND t.type = 'event'
    WHERE b.organization_id = ${organizationId}::uuid ORDER BY t.workflow_id, t.position`;
  const byPrefix = new Map<string, EventListener[]>();
  for (const { workflowId, pattern, filter } of rows) {
    if (!workflowId || !pattern) continue;
    const prefix = literalPrefix(pattern);
    const listener = { workflowId, pattern, ...(filter ? { filter } : {}) };
    const there = byPrefix.get(prefix);
    if (there) there.push(listener);
    else byPrefix.set(prefix, [listener]);
  }
  return { generation: rows[0]?.generation ?? 0n, byPrefix, size: rows.length };
}

/** Whether a filter lets an event pass. One that fails lets nothing pass: it is counted, logged, and the reason is the answer. */
export function passes(source: string, event: EventView, about: Record<string, string>): boolean | { reason: string } {
  let filter = filters.get(source);
  try {
    if (!filter) {
      filter = compileEventFilter(source);
      filters.set(source, filter);
    }
    if (filter instanceof Error) throw filter;
    return filter.matches(event);
  } catch (error) {
    if (!filter) filters.set(source, error as Error);
    eventCounts.filterFailures++;
    const { message } = error as Error;
    if (!complained.has(source)) logger.warn({ ...about, eventId: event.id, error: message }, 'the filter of an event failed; it counts as no match');
    complained.set(source, true, { noUpdateTTL: true });
    return { reason: message };
  }
}

/** The same for several triggers of one workflow: the first that lets it pass decides. */
export function anyPasses(listeners: readonly EventListener[], event: EventView, organizationId: string): boolean | { reason: string } {
  let failed: { reason: string } | undefined;
  for (const { filter, workflowId } of listeners) {
    const verdict = filter === undefined || passes(filter, event, { organizationId, workflowId });
    if (verdict === true) return true;
    if (verdict !== false) failed ??= verdict;
  }
  return failed ?? false;
}
