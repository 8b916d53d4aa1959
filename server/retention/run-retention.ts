import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { blobStore, sweepBlobs } from '@/server/blobs';
import { forgetEvents } from '@/server/events';
import { logger } from '@/server/lib/logger';
import { engineConnection, enginePool } from '@/server/queue/engine-pool';
import { standardDays } from './standard-days';

/** What a pass of the retention job did, or would do. */
export interface RetentionReport {
  runs: number;
  events: number;
  blobs: number;
  /** weeks of runs that were dropped whole, by the day they began */
  weeks: string[];
}

/** runs removed in one transaction: its locks are short, and so is what a crash undoes */
const batch = 200;
const blobBatch = 500;

/**
 * One pass: makes the weeks that begin soon, drops the weeks that nobody keeps, removes what single organizations keep no longer, and sweeps the blob store.
 * Alone: undefined when another process is at it. Stops between two batches when `signal` aborts; the next pass goes on.
 */
export async function runRetention(signal: AbortSignal, now = new Date()): Promise<RetentionReport | undefined> {
  const lock = engineConnection('retention');
  lock.on('error', () => {});
  await lock.connect();
  try {
    const { rows } = await lock.query<{ mine: boolean }>('SELECT pg_try_advisory_lock(7701, -2) AS mine');
    return rows[0]?.mine ? await pass(lock, signal, now) : undefined;
  } finally {
    await lock.end().catch(() => {});
  }
}

async function pass(lock: pg.Client, signal: AbortSignal, now: Date): Promise<RetentionReport> {
  const report: RetentionReport = { runs: 0, events: 0, blobs: 0, weeks: [] };
  const id = uuid();
  await lock.query('INSERT INTO retention_run (id) VALUES ($1)', [id]);
  let failure: unknown;
  try {
    await tolerant(() => lock.query('SELECT run_partitions_ahead()'));
    const cutoffs = await readCutoffs(now);
    const everybody = cutoffs.find((c) => c.organization_id === null)?.keep_from;
    if (everybody) await detachWeeks(lock, everybody, signal);
    await dropWeeks(report, signal);
    for (const { organization_id: organizationId, keep_from: keepFrom } of cutoffs) {
      if (!organizationId || !keepFrom || signal.aborted) continue;
      await removeRuns(organizationId, keepFrom, report, signal);
      report.events += await forgetEvents(enginePool(), organizationId, keepFrom, signal);
    }
    report.blobs += await sweepBlobs(signal);
  } catch (error) {
    failure = error;
  }
  await lock.query('UPDATE retention_run SET finished_at = now(), runs = $2, events = $3, blobs = $4, weeks = $5, error = $6 WHERE id = $1', [
    id,
    report.runs,
    report.events,
    report.blobs,
    report.weeks,
    failure ? String((failure as Error).message) : signal.aborted ? 'stopped' : null,
  ]);
  await lock.query(`DELETE FROM retention_run WHERE started_at < now() - interval '1 year'`);
  if (failure) throw failure;
  return report;
}

/** Somebody holds the tables for long (a dump, a long report): the next pass tries again, and whatever waits behind it goes on. */
async function tolerant(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== '55P03' && code !== '40P01') throw error;
    logger.warn({ err: error }, 'the weeks of runs are locked by somebody; the next pass of the retention job tries again');
    return false;
  }
}

/** Weeks that nobody keeps leave the tables: all are looked through first, then each leaves in a short transaction of its own, which stops everybody. */
async function detachWeeks(lock: pg.Client, keepFrom: string, signal: AbortSignal): Promise<void> {
  const { rows } = await lock.query<{ week: string }>('SELECT run_weeks_over($1) AS week', [keepFrom]);
  for (const { week } of rows) {
    if (signal.aborted || !(await tolerant(() => lock.query('SELECT run_week_detach($1)', [week])))) return;
  }
}

/** Of each organization whose runs go some day the first id it keeps; without an organization: the first id that anybody keeps. */
export async function readCutoffs(now: Date): Promise<{ organization_id: string | null; keep_from: string | null }[]> {
  const { rows } = await enginePool().query<{ organization_id: string | null; keep_from: string | null }>('SELECT * FROM retention_cutoffs($1, $2)', [
    standardDays(),
    now,
  ]);
  return rows;
}

/** Weeks that have left the tables, now or in a pass that was cut short: first what they keep in the blob store, then they themselves. */
async function dropWeeks(report: RetentionReport, signal: AbortSignal): Promise<void> {
  const { rows } = await enginePool().query<{ week: string; lo: string; hi: string }>('SELECT * FROM run_weeks_detached()');
  for (const { week, lo, hi } of rows) {
    for (;;) {
      if (signal.aborted) return;
      const found = await enginePool().query<{ key: string }>(
        `SELECT organization_id || '/' || id AS key FROM blob WHERE run_id >= $1 AND run_id < $2 LIMIT ${blobBatch}`,
        [lo, hi],
      );
      if (found.rows.length === 0) break;
      await blobStore().remove(found.rows.map((r) => r.key));
      report.blobs += found.rows.length;
    }
    const dropped = await enginePool().query<{ runs: number; events: string }>('SELECT * FROM run_week_drop($1)', [week]);
    report.runs += dropped.rows[0]?.runs ?? 0;
    report.events += Number(dropped.rows[0]?.events ?? 0);
    report.weeks.push(week);
  }
}

async function removeRuns(organizationId: string, keepFrom: string, report: RetentionReport, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { rows } = await enginePool().query<{ runs: number; events: string; blobs: string[] }>('SELECT * FROM retention_delete($1, $2, $3)', [
      organizationId,
      keepFrom,
      batch,
    ]);
    const removed = rows[0];
    if (!removed || removed.runs === 0) return;
    report.runs += removed.runs;
    report.events += Number(removed.events);
    report.blobs += removed.blobs.length;
    // the sweep removes them should this be cut short: they are no blobs of anybody's any more
    await blobStore().remove(removed.blobs);
  }
}
