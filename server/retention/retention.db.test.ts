import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createArtifacts, listArtifacts } from '@/server/artifacts';
import { storeLarge } from '@/server/blobs';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { getRun, listRuns } from '@/server/runs';
import { createWorkflow } from '@/server/workflows';
import { getRetention, planRetention, runRetention, setRetention } from './index';

const day = 86_400_000;
const never = new AbortController().signal;

describe('retention', () => {
  let database: TestDatabase;
  let folder: string;
  let long: TestTenant;
  let short: TestTenant;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'heddle-retention-'));
    database = await testDatabase({ HEDDLE_BLOBS: folder });
  });
  beforeEach(async () => {
    for (const table of ['organization', 'run', 'run_event', 'run_rollup', 'retention_run', 'run_queue', 'run_tree', 'retention_policy']) {
      await database.sql(`DELETE FROM ${table}`);
    }
    await database.sql(`SELECT run_partitions_make(now() - interval '200 days', now() + interval '21 days')`);
    [long, short] = [await makeTenant('Long'), await makeTenant('Short')];
    await setRetention(short.ctx, { runDays: 7 });
  });
  afterAll(async () => {
    await closeEnginePool();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Given {
    daysAgo: number;
    status?: string;
    seconds?: number;
    cost?: number;
    workflowId?: string;
  }
  async function addRun(
    { organizationId }: TestTenant,
    { daysAgo, status = 'succeeded', seconds = 2, cost = 0.25, workflowId = uuid() }: Given,
  ): Promise<string> {
    const at = new Date(Date.now() - daysAgo * day);
    const id = uuid({ msecs: at.getTime() });
    await database.sql(
      `INSERT INTO run (organization_id, id, workflow_id, version_id, trigger, input, status, cost_usd, queued_at, started_at, finished_at)
       VALUES ($1, $2, $3, $3, 'api', '{}', $4::run_status, $5, $6, $6, CASE WHEN $4 IN ('succeeded', 'failed', 'cancelled') THEN $6::timestamptz + make_interval(secs => $7) END)`,
      [organizationId, id, workflowId, status, cost, at, seconds],
    );
    const large = await storeLarge(organizationId, JSON.stringify({ output: 'x'.repeat(300_000) }), id);
    await database.sql(
      `INSERT INTO run_event (organization_id, run_id, seq, type, at, data) VALUES ($1, $2, 1, 'run.started', $3, '{}'), ($1, $2, 2, 'x', $3, $4)`,
      [organizationId, id, at, large],
    );
    await database.sql('INSERT INTO run_tree (organization_id, root_run_id, calls) VALUES ($1, $2, 1)', [organizationId, id]);
    await createArtifacts().save({ organizationId, runId: id, path: 'a' }, { name: 'a.txt', contentType: 'text/plain', content: Buffer.from('hello') });
    return id;
  }
  const left = async () => (await database.sql<{ id: string }>('SELECT id FROM run ORDER BY id')).map((r) => r.id);
  const trees = async () => (await database.sql<{ id: string }>('SELECT root_run_id AS id FROM run_tree ORDER BY 1')).map((r) => r.id);
  const weeks = async () => (await database.sql<{ n: number }>(`SELECT count(*)::int AS n FROM pg_inherits WHERE inhparent = 'run'::regclass`))[0]?.n ?? 0;
  const files = () => readdirSync(folder, { recursive: true }).filter((name) => statSync(join(folder, String(name))).isFile()).length;
  const rollup = (tenant: TestTenant) =>
    database.sql(
      'SELECT status, runs, duration_ms, longest_ms, cost_usd, (current_date - day)::int AS ago FROM run_rollup WHERE organization_id = $1 ORDER BY day, status',
      [tenant.organizationId],
    );

  it('removes what each organization keeps no longer, with its blobs and files, and keeps the counts a day', async () => {
    const before = files();
    const workflowId = uuid();
    for (const given of [
      { daysAgo: 10, seconds: 1 },
      { daysAgo: 10, seconds: 4 },
      { daysAgo: 10, status: 'failed', seconds: 3 },
      { daysAgo: 8, seconds: 2 },
    ])
      await addRun(short, { ...given, workflowId });
    const kept = [await addRun(short, { daysAgo: 10, status: 'waiting' }), await addRun(short, { daysAgo: 6 }), await addRun(long, { daysAgo: 10 })];
    expect(await planRetention()).toEqual([{ organizationId: short.organizationId, keepFrom: expect.any(String), runs: 4 }]);
    expect(await runRetention(never)).toMatchObject({ runs: 4, events: 8, blobs: 8 });
    expect(await left()).toEqual(kept.sort());
    expect(await trees()).toEqual(kept.sort());
    expect(await rollup(short)).toEqual([
      { ago: 10, status: 'succeeded', runs: 2, duration_ms: 5_000, longest_ms: 4_000, cost_usd: 0.5 },
      { ago: 10, status: 'failed', runs: 1, duration_ms: 3_000, longest_ms: 3_000, cost_usd: 0.25 },
      { ago: 8, status: 'succeeded', runs: 1, duration_ms: 2_000, longest_ms: 2_000, cost_usd: 0.25 },
    ]);
    expect(files() - before).toBe(2 * 3);
    expect(await getRetention(short.ctx)).toMatchObject({ runDays: 7, chosen: true, removedRuns: 4, storage: { files: 4 } });
    expect(await database.sql('SELECT count(*)::int AS n FROM run_event e WHERE NOT EXISTS (SELECT FROM run r WHERE r.id = e.run_id)')).toEqual([{ n: 0 }]);
    // a run that ends late is added to its day
    await addRun(short, { daysAgo: 10, seconds: 9, workflowId });
    expect(await runRetention(never)).toMatchObject({ runs: 1 });
    expect((await rollup(short))[0]).toEqual({ ago: 10, status: 'succeeded', runs: 3, duration_ms: 14_000, longest_ms: 9_000, cost_usd: 0.75 });
    // once more: nothing is counted twice
    expect(await runRetention(never)).toMatchObject({ runs: 0 });
    expect(await planRetention()).toEqual([]);
    expect((await rollup(short)).map((r) => (r as { runs: number }).runs)).toEqual([3, 1, 1]);
    expect(await database.sql('SELECT runs, events::int, blobs, error FROM retention_run ORDER BY id')).toEqual([
      { runs: 4, events: 8, blobs: 8, error: null },
      { runs: 1, events: 2, blobs: 2, error: null },
      { runs: 0, events: 0, blobs: 0, error: null },
    ]);
  });

  it('drops whole weeks that nobody keeps, unless a run in them goes on', async () => {
    const { id: workflowId } = await createWorkflow(long.ctx, { definition: { workflow: { name: 'kept', steps: [{ id: 'a' }] } } });
    const gone = await addRun(long, { daysAgo: 120, workflowId });
    await addRun(short, { daysAgo: 120 });
    const [open, beside] = [await addRun(long, { daysAgo: 150, status: 'waiting' }), await addRun(long, { daysAgo: 150 })];
    const recent = await addRun(long, { daysAgo: 80 });
    const before = await weeks();
    const report = await runRetention(never);
    expect(report).toMatchObject({ runs: 3, events: 6, blobs: 6 });
    // 200 days of weeks less 90 that are kept, and the one with the open run
    expect(report?.weeks.length).toBeGreaterThan(12);
    expect(await weeks()).toBe(before - (report?.weeks.length ?? 0));
    expect(
      await database.sql(
        `SELECT relname FROM pg_class WHERE relnamespace = 'partitions'::regnamespace AND relname ~ '_\\d{8}$' AND relkind = 'r' AND NOT relispartition`,
      ),
    ).toEqual([]);
    expect(await left()).toEqual([open, recent].sort());
    expect(await trees()).toEqual([open, recent].sort());
    expect(beside).not.toBe(open);
    expect((await rollup(long)).length + (await rollup(short)).length).toBe(3);
    // what is gone is absent, everywhere
    await expect(getRun(long.ctx, { runId: gone })).rejects.toThrow('does not exist');
    await expect(listArtifacts(long.ctx, { runId: gone })).rejects.toThrow('does not exist');
    expect((await listRuns(long.ctx, { workflowId })).items).toEqual([]);
    expect((await listRuns(long.ctx, { cursor: gone })).items.map((r) => r.id)).toEqual([open]);
    await database.sql(`UPDATE run SET status = 'cancelled', finished_at = now() WHERE id = $1`, [open]);
    expect((await runRetention(never))?.weeks).toHaveLength(1);
    expect(await left()).toEqual([recent]);
  });

  it('drops nothing whole while one organization keeps everything', async () => {
    await setRetention(long.ctx, { runDays: null });
    const kept = await addRun(long, { daysAgo: 120 });
    await addRun(short, { daysAgo: 120 });
    expect(await runRetention(never)).toMatchObject({ runs: 1, weeks: [] });
    expect(await left()).toEqual([kept]);
    expect(await getRetention(long.ctx)).toMatchObject({ runDays: null, chosen: true, standardDays: 90 });
  });

  it('goes on where a pass was cut short, and counts each run once', async () => {
    await addRun(long, { daysAgo: 120 });
    const [cutoff] = await database.sql<{ id: string }>(`SELECT hd_id_at(now() - interval '90 days') AS id`);
    const over = await database.sql<{ week: string }>('SELECT run_weeks_over($1) AS week', [cutoff?.id]);
    expect(over.length).toBeGreaterThan(10);
    for (const { week } of over) await database.sql('SELECT run_week_detach($1)', [week]);
    expect(await left()).toEqual([]);
    expect(await rollup(long)).toEqual([]);
    const stopped = new AbortController();
    stopped.abort();
    expect(await runRetention(stopped.signal)).toMatchObject({ runs: 0, weeks: [] });
    expect(await runRetention(never)).toMatchObject({ runs: 1, events: 2 });
    expect(await runRetention(never)).toMatchObject({ runs: 0, weeks: [] });
    expect(await rollup(long)).toMatchObject([{ runs: 1, status: 'succeeded' }]);
  });

  it('is one process’s work at a time, and does not wait for who holds the tables', async () => {
    await addRun(short, { daysAgo: 120 });
    const { default: pg } = await import('pg');
    const other = new pg.Client({ connectionString: database.ownerUrl });
    await other.connect();
    await other.query('SELECT pg_advisory_lock(7701, -2)');
    expect(await runRetention(never)).toBeUndefined();
    await other.query('SELECT pg_advisory_unlock_all()');
    await other.query('BEGIN');
    await other.query('SELECT count(*) FROM run');
    // the weeks stay this time; what is removed row by row is
    expect(await runRetention(never)).toMatchObject({ weeks: [], runs: 1 });
    await other.query('ROLLBACK');
    await other.end();
    expect((await runRetention(never))?.weeks.length).toBeGreaterThan(10);
  });

  it('never stands in the way of a commit that goes on with a run: it waits for the log first', async () => {
    const { default: pg } = await import('pg');
    const [commit, detach] = [new pg.Client({ connectionString: database.ownerUrl }), new pg.Client({ connectionString: database.ownerUrl })];
    await Promise.all([commit.connect(), detach.connect()]);
    const [over] = await database.sql<{ week: string }>(`SELECT run_weeks_over(hd_id_at(now() - interval '90 days')) AS week`);
    await commit.query('BEGIN; LOCK TABLE run_event IN ROW EXCLUSIVE MODE');
    const detached = detach.query('SELECT run_week_detach($1)', [over?.week]).then(
      () => 'detached',
      (error) => error.code,
    );
    const waiting = () => commit.query(`SELECT FROM pg_locks WHERE NOT granted AND relation = 'run_event'::regclass`);
    await expect.poll(async () => (await waiting()).rowCount, { interval: 5 }).toBe(1);
    await commit.query('LOCK TABLE run IN ROW EXCLUSIVE MODE NOWAIT');
    expect(await detached).toBe('55P03');
    await commit.query('COMMIT');
    await Promise.all([commit.end(), detach.end()]);
  });

  it('is set by whoever may update the organization, with an audit event', async () => {
    await expect(setRetention(long.contextAs('editor'), { runDays: 5 })).rejects.toThrow();
    for (const runDays of [0, 1.5, 40_000]) await expect(setRetention(long.ctx, { runDays })).rejects.toThrow();
    await setRetention(long.contextAs('admin'), { runDays: 5 });
    expect(await getRetention(long.contextAs('viewer'))).toMatchObject({ runDays: 5 });
    expect(await getRetention(short.ctx)).toMatchObject({ runDays: 7 });
    expect(await database.sql(`SELECT details FROM audit_event WHERE organization_id = $1 AND action = 'organization.update'`, [long.organizationId])).toEqual([
      { details: { runDays: 5 } },
    ]);
  });
});
