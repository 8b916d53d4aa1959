import { setImmediate as giveWay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { RunEvent } from '@/core/engine/events';
import { emptyRun, foldRun, type RunView } from '@/core/runs/fold-run';
import type { Workflow } from '@/core/workflow/workflow';
import { largeReference, loadLarge } from '@/server/blobs';
import { type OrganizationId, withTenant } from '@/server/db/transaction';
import { TooManyRequests } from '@/server/lib/errors';
import { logger } from '@/server/lib/logger';
import { toEvent } from './internal';

/** of a loop over 100,000 items the events of a small body */
const maxEvents = 400_000;
const pageSize = 5_000;
/** characters of payload read for one view of a run; beyond it, events of more than `smallSize` come without */
const budget = 20_000_000;
const smallSize = 1_000;

interface Row {
  seq: number;
  type: string;
  path: string | null;
  at: Date;
  bytes: number;
  data: string | null;
  /** how a payload that was left out begins: it tells the attempt and its time */
  head: string;
}

/** events of a log that takes a while to fold; an organization may have so many of those folded at a time */
const longLog = 5_000;
const mostAtOnce = 2;

export interface FoldedLog {
  view: RunView;
  /** the sizes of the payloads left out of the view by the path of their step */
  leftOut: Map<string, number>;
}

/** Views of long logs of runs that have ended: nothing is added to them. Measured in characters; for a while only, since a blob may have been out of reach. */
const kept = new LRUCache<string, FoldedLog>({
  maxSize: 25_000_000,
  sizeCalculation: ({ view, leftOut }) => JSON.stringify(view).length + 100 * leftOut.size + 1_000,
  ttl: 10 * 60_000,
});
/** Long logs that are being folded, by organization: who asks for the same one waits for the same answer. */
const underWay = new Map<string, Map<string, Promise<FoldedLog>>>();

/**
 * The log of a run folded into a view. `last` is the seq of its last event, `ended` whether there will be no other. Treat what it returns as frozen.
 * Throws TooManyRequests when the organization has enough long logs folded just now: that is work of many seconds, in the process that answers everybody.
 */
export async function foldLog(
  organizationId: OrganizationId,
  runId: string,
  steps: Workflow['steps'],
  { last, ended }: { last: number; ended: boolean },
): Promise<FoldedLog> {
  if (last <= longLog) return fold(organizationId, runId, steps);
  const key = `${organizationId}/${runId}/${last}`;
  const known = kept.get(key);
  if (known) return known;
  const others = underWay.get(organizationId) ?? new Map<string, Promise<FoldedLog>>();
  const same = others.get(key);
  if (same) return same;
  if (others.size >= mostAtOnce) throw new TooManyRequests('Your organization is looking at several very long runs just now. Try again in a few seconds.', 5);
  const folding = fold(organizationId, runId, steps);
  underWay.set(organizationId, others.set(key, folding));
  try {
    const folded = await folding;
    if (ended) kept.set(key, folded);
    return folded;
  } finally {
    others.delete(key);
    if (others.size === 0) underWay.delete(organizationId);
  }
}

async function fold(organizationId: OrganizationId, runId: string, steps: Workflow['steps']): Promise<FoldedLog> {
  const leftOut = new Map<string, number>();
  let view = emptyRun(steps);
  let left = budget;
  for (let read = 0; read < maxEvents; read += pageSize) {
    const rows = await readPage(organizationId, runId, view.seq, left);
    const events: RunEvent[] = [];
    for (const row of rows) {
      const whole = await withLarge(organizationId, row, left);
      if (whole.data !== null) left -= whole.bytes;
      events.push(whole.data === null ? withoutPayload(whole, leftOut) : toEvent({ ...whole, data: whole.data }));
    }
    view = foldRun(view, events);
    if (rows.length < pageSize) break;
    await giveWay();
  }
  return { view, leftOut };
}

/** A transaction a page: a long log holds no snapshot for long. */
function readPage(organizationId: OrganizationId, runId: string, after: number, left: number): Promise<Row[]> {
  return withTenant(
    organizationId,
    (tx) => tx.$queryRaw<Row[]>`
      SELECT seq, type, path, at, bytes::int, left(data, 100) AS head, CASE WHEN bytes <= ${smallSize} OR total <= ${left} THEN data END AS data
      FROM (
        SELECT *, octet_length(data) AS bytes, sum(octet_length(data)) OVER (ORDER BY seq) AS total FROM run_event
        WHERE organization_id = ${organizationId}::uuid AND run_id = ${runId}::uuid AND seq > ${after} ORDER BY seq LIMIT ${pageSize}
      ) AS e ORDER BY seq`,
  );
}

/** A row whose payload lies in the blob store: with it, when `left` has room for it and it can be read; else with how it begins. */
async function withLarge(organizationId: string, row: Row, left: number): Promise<Row> {
  if (row.data === null) return row;
  const reference = largeReference(organizationId, row.data);
  if (!reference) return { ...row, data: await loadLarge(organizationId, row.data) };
  const { size: bytes, head } = reference;
  if (bytes > left) return { ...row, bytes, head, data: null };
  const data = await loadLarge(organizationId, row.data).catch((error: unknown) => {
    logger.warn({ err: error, key: reference.key }, 'the data of an event could not be read from the blob store');
    return null;
  });
  return { ...row, bytes, head, data };
}

/** What an event says without its payload: enough for states and times. */
function withoutPayload(row: Row, leftOut: Map<string, number>): RunEvent {
  const number = (name: string): number | undefined => {
    const found = new RegExp(`^[^"]*(?:"(?:attempt|startedAt)":\\d+,)?"${name}":(\\d+)`).exec(row.head)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const { seq, type, path } = row;
  if (path !== null) leftOut.set(path, (leftOut.get(path) ?? 0) + row.bytes);
  const at = row.at.getTime();
  const known = { seq, type, ...(path === null ? {} : { path }), at, attempt: number('attempt') ?? 1, startedAt: number('startedAt') ?? at };
  const message = `Left out here, ${row.bytes} bytes: read the run’s events.`;
  return { ...known, input: null, output: null, level: 'info', message, error: { code: 'left_out', message } } as unknown as RunEvent;
}
