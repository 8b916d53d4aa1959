import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { withTenant } from '@/server/db/transaction';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { enqueueRun } from '@/server/queue/enqueue';
import { closeNotifications } from '@/server/queue/notifications';
import { waitForRun } from '@/server/queue/wait-for-run';
import { closeInline } from './inline';
import { type Behaviour, queueRun, startTestWorker, storeWorkflow, testServices } from './testing';
import type { Worker } from './worker';

/** A worker whose database refuses what it writes, for a moment or for good, or that is told more than it can hear. */
let database: TestDatabase;
let tenant: TestTenant;
let lost: Error[];
const workers: Worker[] = [];
beforeAll(async () => {
  database = await testDatabase();
  await database.sql(`CREATE SEQUENCE refusals; GRANT ALL ON SEQUENCE refusals TO PUBLIC; CREATE TABLE refusal (type text, code text, times int); GRANT SELECT ON refusal TO PUBLIC;
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE c text; BEGIN
      SELECT code INTO c FROM refusal WHERE type = NEW.type AND nextval('refusals') <= times;
      IF c IS NOT NULL THEN RAISE EXCEPTION 'refused' USING ERRCODE = c; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON run_event FOR EACH ROW EXECUTE FUNCTION refuse()`);
});
beforeEach(async () => {
  tenant = await makeTenant();
  lost = [];
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((w) => w.stop(0)));
  await database.sql('TRUNCATE run, run_event, run_queue, run_inbox, queue_tenant, queue_worker, dead_letter, refusal; ALTER SEQUENCE refusals RESTART');
});
afterAll(async () => {
  await closeInline();
  await closeNotifications();
  await closeEnginePool();
  await database.close();
});

const refuse = (type: string, code: string, times: number) => database.sql('INSERT INTO refusal VALUES ($1, $2, $3)', [type, code, times]);
const refusals = async () => Number((await database.sql<{ n: string }>('SELECT last_value AS n FROM refusals'))[0]?.n);
async function start(behaviours: Record<string, Behaviour> = {}) {
  const services = testServices(behaviours);
  const worker = await startTestWorker(services, (error) => lost.push(error));
  workers.push(worker);
  return { worker, services };
}
const workflow = (source: string) => storeWorkflow(database, tenant, `workflow: {name: ${source}, steps: [{id: a, uses: code, with: {source: ${source}}}]}`);
async function ended(runId: string) {
  expect(await waitForRun(tenant.organizationId, runId, 20_000)).toBe(true);
  const [row] = await database.sql<{ status: string; error: string | null; cost_usd: number }>('SELECT status, error, cost_usd FROM run WHERE id = $1', [
    runId,
  ]);
  return { ...row, error: row?.error ? (JSON.parse(row.error) as object) : null };
}

it('commits are tried again after a deadlock, and a run that still cannot be saved is parked, not failed', async () => {
  const { services } = await start({ work: () => 1 });
  await refuse('step.succeeded', '40P01', 3);
  expect(await ended(await queueRun(tenant, await workflow('work')))).toMatchObject({ status: 'succeeded' });
  expect(services.calls.get('work')).toBe(1);
  await database.sql('TRUNCATE refusal; ALTER SEQUENCE refusals RESTART');
  await refuse('step.succeeded', '53200', 8);
  expect(await ended(await queueRun(tenant, await workflow('work')))).toMatchObject({ status: 'succeeded' });
  expect(await refusals()).toBeGreaterThan(8);
  expect(lost).toEqual([]);
});

it('a run that cannot be executed keeps its cost', async () => {
  const ids = await workflow('work');
  const runId = await queueRun(tenant, ids);
  await database.sql('UPDATE run SET cost_usd = 0.5 WHERE id = $1', [runId]);
  await refuse('run.started', '22P02', 1);
  await start({ work: () => 1 });
  expect(await ended(runId)).toMatchObject({ status: 'failed', cost_usd: 0.5, error: { code: 'internal' } });
});

it('a convicted run that cannot be ended yet stays with its worker, which lives', async () => {
  const runId = await queueRun(tenant, await workflow('work'));
  await database.sql('UPDATE run_queue SET state = 4, trial = 4, deaths = 3 WHERE run_id = $1', [runId]);
  await refuse('run.failed', '22P02', 2);
  const { services } = await start({ work: () => 1 });
  expect(await ended(runId)).toMatchObject({ status: 'failed', error: { code: 'poisoned' } });
  expect([lost, services.calls.get('work')]).toEqual([[], undefined]);
});

it('a worker that stops begins no run in its grace time', async () => {
  const hang: Behaviour = ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const { worker, services } = await start({ hang, work: () => 1 });
  await queueRun(tenant, await workflow('hang'));
  await expect.poll(() => services.calls.get('hang')).toBe(1);
  const ids = await workflow('work');
  const stopped = worker.stop(1_000);
  const runId = await queueRun(tenant, ids);
  await stopped;
  expect(services.calls.get('work')).toBeUndefined();
  await start({ hang, work: () => 1 });
  expect(await ended(runId)).toMatchObject({ status: 'succeeded' });
});

it('many mails for runs of others cost few looks, and all are woken', async () => {
  const { worker } = await start();
  await database.sql(
    `WITH q AS (INSERT INTO run_queue (organization_id, run_id, state) SELECT $1, gen_random_uuid(), 3 FROM generate_series(1, 2500) RETURNING run_id),
          m AS (INSERT INTO run_inbox (organization_id, run_id, id, kind, payload) SELECT $1, run_id, gen_random_uuid(), 'signal', '{}' FROM q RETURNING run_id)
     SELECT pg_notify('heddle_inbox', $1 || ':' || run_id) FROM m`,
    [tenant.organizationId],
  );
  await expect
    .poll(async () => (await database.sql<{ n: number }>('SELECT count(*)::int AS n FROM run_queue WHERE state = 3'))[0]?.n, { timeout: 10_000 })
    .toBe(0);
  expect(worker.counts.wakes).toBeGreaterThan(0);
  expect(worker.counts.wakes).toBeLessThan(40);
});

it('a retry of a run that is no longer stored fails rather than do everything again', async () => {
  const { services } = await start({ work: () => 1 });
  const run = { organizationId: tenant.organizationId, ...(await workflow('work')), trigger: 'retry' as const, input: {}, parentRunId: uuid() };
  const runId = await withTenant(tenant.organizationId, (tx) => enqueueRun(tx, run));
  expect(await ended(runId)).toMatchObject({ status: 'failed', error: { code: 'parent_gone' } });
  expect(services.calls.get('work')).toBeUndefined();
});
