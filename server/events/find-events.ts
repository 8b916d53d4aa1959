import { literalPrefix, matchesEvent } from '@/core/workflow/event-pattern';
import { Prisma } from '@/server/db/generated/client';
import type { OrganizationId, Transaction } from '@/server/db/transaction';
import type { EventRow } from './event-entry';
import { idAfter, idBefore } from './id-bounds';

export interface EventFilter {
  pattern?: string;
  subject?: string;
  text?: string;
  from?: string;
  to?: string;
  order: 'newest' | 'oldest';
  cursor?: string | null;
  limit: number;
}

/** events that one page looks through when no index knows which ones are meant */
const window = 5_000;
/** distinct types up to which a pattern is looked up type by type, by the index */
const mostTypes = 200;
/** longer data is not part of a list */
const longData = 8_192;

/**
 * A page of events. Where text is searched a page looks through a bounded number of events: it may then hold few or none and still have a cursor
 * behind what it looked through.
 */
export async function findEvents(
  tx: Transaction,
  organizationId: OrganizationId,
  filter: EventFilter,
): Promise<{ rows: EventRow[]; nextCursor: string | null }> {
  const { pattern, limit, order } = filter;
  const types = pattern === undefined || !pattern.includes('*') ? pattern && [pattern] : await typesMatching(tx, organizationId, pattern);
  if (types && types.length === 0) return { rows: [], nextCursor: null };
  const searched = filter.text !== undefined || (pattern !== undefined && !types);
  const direction = order === 'newest' ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  const candidates = candidatesOf(organizationId, filter, types || undefined, direction, searched ? window : limit + 1);
  const found = await tx.$queryRaw<EventRow[]>`
    SELECT id, type, subject, CASE WHEN octet_length(data) <= ${longData} THEN data END AS data, at, source, published_by AS "publishedBy",
           run_id AS "runId", replay_of AS "replayOf", dispatched_at AS "dispatchedAt", outcome
    FROM (${candidates}) c
    WHERE ${filter.text === undefined ? Prisma.sql`true` : Prisma.sql`data ILIKE ${`%${escapeLike(filter.text)}%`}`}
      AND ${pattern === undefined || types ? Prisma.sql`true` : Prisma.sql`event_matches(${pattern}, type)`}
    ORDER BY id ${direction} LIMIT ${limit + 1}`;
  const rows = found.slice(0, limit);
  if (found.length > limit) return { rows, nextCursor: rows.at(-1)?.id ?? null };
  if (!searched) return { rows, nextCursor: null };
  const [last] = await tx.$queryRaw<{ id: string }[]>`SELECT id FROM (${candidates}) c ORDER BY id ${direction} OFFSET ${window - 1} LIMIT 1`;
  return { rows, nextCursor: last?.id ?? null };
}

/** The newest (oldest) events by what an index knows of the filter. Of several types each one's, merged: no type is read past what a page needs. */
function candidatesOf(organizationId: OrganizationId, filter: EventFilter, types: string[] | undefined, direction: Prisma.Sql, most: number): Prisma.Sql {
  const { subject } = filter;
  const common = Prisma.sql`organization_id = ${organizationId}::uuid AND ${bounds(filter)}`;
  const end = Prisma.sql`ORDER BY id ${direction} LIMIT ${most}`;
  if (subject !== undefined) {
    const ofTypes = types ? Prisma.sql`AND type = ANY(${types})` : Prisma.empty;
    return Prisma.sql`SELECT * FROM event WHERE ${common} AND subject = ${subject} ${ofTypes} ${end}`;
  }
  if (!types) return Prisma.sql`SELECT * FROM event WHERE ${common} ${end}`;
  return Prisma.sql`SELECT x.* FROM unnest(${types}::text[]) t CROSS JOIN LATERAL (SELECT * FROM event WHERE ${common} AND type = t ${end}) x ${end}`;
}

function bounds({ from, to, cursor, order }: EventFilter): Prisma.Sql {
  const parts: Prisma.Sql[] = [Prisma.sql`true`];
  if (from) parts.push(Prisma.sql`at >= ${new Date(from)} AND id >= ${idBefore(new Date(from))}::uuid`);
  if (to) parts.push(Prisma.sql`at < ${new Date(to)} AND id < ${idAfter(new Date(to))}::uuid`);
  if (cursor) parts.push(order === 'newest' ? Prisma.sql`id < ${cursor}::uuid` : Prisma.sql`id > ${cursor}::uuid`);
  return Prisma.join(parts, ' AND ');
}

/** The types there are that match a pattern, by a skip scan over the index; undefined when there are too many to go by. */
export async function typesMatching(tx: Transaction, organizationId: OrganizationId, pattern: string): Promise<string[] | undefined> {
  const prefix = literalPrefix(pattern);
  // `/` is the character after `.`
  const range = prefix === '' ? Prisma.sql`true` : Prisma.sql`type >= ${prefix} AND type < ${`${prefix}/`}`;
  const rows = await tx.$queryRaw<{ type: string }[]>`
    WITH RECURSIVE t AS (
      (SELECT type FROM event WHERE organization_id = ${organizationId}::uuid AND ${range} ORDER BY type LIMIT 1)
      UNION ALL
      SELECT x.type FROM t CROSS JOIN LATERAL
        (SELECT type FROM event WHERE organization_id = ${organizationId}::uuid AND ${range} AND type > t.type ORDER BY type LIMIT 1) x)
    SELECT type FROM t LIMIT ${mostTypes + 1}`;
  return rows.length > mostTypes ? undefined : rows.map((row) => row.type).filter((type) => matchesEvent(pattern, type));
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
