import { isTerminal, type RunEvent } from '@/core/engine/events';
import type { Context } from '@/server/auth/context';
import { largeReference, loadLarge } from '@/server/blobs';
import type { Transaction } from '@/server/db/transaction';
import { Conflict, NotFound } from '@/server/lib/errors';

/** A run of the organization, or NotFound. */
export async function requireRun(tx: Transaction, ctx: Context, runId: string) {
  const row = await tx.run.findUnique({ where: { organizationId_id: { organizationId: ctx.organizationId, id: runId } } });
  if (!row) throw new NotFound('This run');
  return row;
}

/** A row of the log. Large data lies in the blob store, and `data` is a reference to it: read it outside the transaction, with `toEvents`. */
export interface EventRow {
  seq: number;
  type: string;
  path: string | null;
  at: Date;
  data: string;
}

/** bytes of data that are read at once, unless a single event has more */
const pageBytes = 16_000_000;

/** Entries of the log after `after`, in order: at most `limit`, and as many as `pageBytes` hold. `more`: others follow. */
export async function eventRowsAfter(tx: Transaction, ctx: Context, runId: string, after: number, limit: number): Promise<{ rows: EventRow[]; more: boolean }> {
  const found = await tx.$queryRaw<(EventRow & { all: number })[]>`
    SELECT seq, type, path, at, data, n::int AS "all" FROM (
      SELECT *, sum(octet_length(data)) OVER (ORDER BY seq) AS total, count(*) OVER () AS n FROM (
        SELECT * FROM run_event WHERE organization_id = ${ctx.organizationId}::uuid AND run_id = ${runId}::uuid AND seq > ${after} ORDER BY seq LIMIT ${limit + 1}
      ) AS p) AS e
    WHERE total <= ${pageBytes} OR total = octet_length(data) ORDER BY seq`;
  const rows = found.slice(0, limit);
  let bytes = 0;
  const cut = rows.findIndex((row, i) => {
    bytes += largeReference(ctx.organizationId, row.data)?.size ?? row.data.length;
    return i > 0 && bytes > pageBytes;
  });
  const page = cut === -1 ? rows : rows.slice(0, cut);
  return { rows: page, more: (found[0]?.all ?? 0) > page.length };
}

/** Entries of the log from their rows; what lies in the blob store is read. */
export async function toEvents(organizationId: string, rows: EventRow[]): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for (const row of rows) events.push(toEvent({ ...row, data: await loadLarge(organizationId, row.data) }));
  return events;
}

/** An entry of the log from its row, with its data as text. */
export function toEvent({ seq, at, type, path, data }: EventRow): RunEvent {
  return { ...(JSON.parse(data) as object), seq, at: at.getTime(), type, ...(path === null ? {} : { path }) } as RunEvent;
}

/** Whether a run of the organization has this id. */
export async function runExists(tx: Transaction, ctx: Context, id: string): Promise<boolean> {
  return (await tx.run.count({ where: { organizationId: ctx.organizationId, id } })) > 0;
}

/** A run of the organization that has not ended, or NotFound, or Conflict. */
export async function requireLiveRun(tx: Transaction, ctx: Context, runId: string) {
  const run = await requireRun(tx, ctx, runId);
  if (isTerminal(run.status)) throw new Conflict(`This run has ended: it ${run.status === 'cancelled' ? 'was' : 'has'} ${run.status}.`);
  return run;
}
