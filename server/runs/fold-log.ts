import type { RunEvent } from '@/core/engine/events';
import { emptyRun, foldRun, type RunView } from '@/core/runs/fold-run';
import type { Workflow } from '@/core/workflow/workflow';
import { largeReference, loadLarge } from '@/server/blobs';
import { type OrganizationId, withTenant } from '@/server/db/transaction';
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

/** The log of a run folded into a view, and the sizes of the payloads left out of it by the path of their step. */
export async function foldLog(
  organizationId: OrganizationId,
  runId: string,
  steps: Workflow['steps'],
): Promise<{ view: RunView; leftOut: Map<string, number> }> {
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
