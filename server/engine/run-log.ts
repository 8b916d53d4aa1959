import type { RunEvent } from '@/core/engine/events';
import { loadLarge } from '@/server/blobs';
import { enginePool } from '@/server/queue/engine-pool';

interface Row {
  seq: number;
  type: string;
  path: string | null;
  at: number;
  data: string;
  /** whether the log went on when this page was read */
  more: boolean;
}

/** events and characters read at once: a log of 30,000 events is never in memory as a whole unless its reader keeps it */
const pageEvents = 1_000;
const pageCharacters = 8_000_000;

/** A run's log in order, from after `after`, page by page; what lies in the blob store is read as its turn comes. */
export async function* runLog(organizationId: string, runId: string, after = 0): AsyncGenerator<RunEvent, void> {
  for (let seq = after; ; ) {
    const { rows } = await enginePool().query<Row>({
      name: 'run-log',
      text: `SELECT seq, type, path, extract(epoch FROM at)::float8 * 1000 AS at, data, total < page OR events = ${pageEvents} AS more FROM (
               SELECT *, sum(octet_length(data)) OVER (ORDER BY seq) AS total, sum(octet_length(data)) OVER () AS page, count(*) OVER () AS events FROM (
                 SELECT * FROM run_event WHERE organization_id = $1 AND run_id = $2 AND seq > $3 ORDER BY seq LIMIT ${pageEvents}) p) e
              WHERE total <= ${pageCharacters} OR total = octet_length(data) ORDER BY seq`,
      values: [organizationId, runId, seq],
    });
    for (const row of rows) yield toEvent(row, await loadLarge(organizationId, row.data));
    const last = rows.at(-1);
    if (!last?.more) return;
    seq = last.seq;
  }
}

/** A run's whole log, for readers that need all of it at once. */
export async function readRunLog(organizationId: string, runId: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of runLog(organizationId, runId)) events.push(event);
  return events;
}

/** The number of the last event of a run's log; 0: it has none. Reads none of them. */
export async function lastSeq(organizationId: string, runId: string): Promise<number> {
  const { rows } = await enginePool().query<{ seq: number | null }>({
    name: 'run-log-end',
    text: 'SELECT max(seq) AS seq FROM run_event WHERE organization_id = $1 AND run_id = $2',
    values: [organizationId, runId],
  });
  return rows[0]?.seq ?? 0;
}

function toEvent({ seq, type, path, at }: Row, data: string): RunEvent {
  return { ...JSON.parse(data), seq, type, at: Math.round(at), ...(path === null ? {} : { path }) } as RunEvent;
}
