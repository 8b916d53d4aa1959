import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { withTenant } from '@/server/db/transaction';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { sendToRun } from '@/server/queue/enqueue';
import { closeNotifications } from '@/server/queue/notifications';
import { waitForRun } from '@/server/queue/wait-for-run';
import { closeInline } from './inline';
import { type Behaviour, queueRun, storeWorkflow, testServices } from './testing';
import { Worker, type WorkerOptions } from './worker';

let database: TestDatabase;
let tenant: TestTenant;
const workers: Worker[] = [];

beforeAll(async () => {
  database = await testDatabase();
  tenant = await makeTenant();
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop(0)));
  await database.sql('TRUNCATE run, run_event, run_queue, run_inbox, queue_tenant, queue_worker, dead_letter');
});
afterAll(async () => {
  await closeInline();
  await closeNotifications();
  await closeEnginePool();
  await database.close();
});

type Services = ReturnType<typeof testServices>;
async function start(services: Services, options: Partial<WorkerOptions> = {}): Promise<Worker> {
  const worker = new Worker({ services, onLost: () => {}, ...options });
  workers.push(worker);
  await worker.start();
  return worker;
}
/** A worker whose quarantine processes are workers of this process. */
const startWithQuarantine = (services: Services, told: (kind: string) => void = () => {}) =>
  start(services, {
    openQuarantine: (kind, seat) => {
      told(kind);
      void start(services, { kind, seat });
    },
  });
const one = async <T extends object>(text: string, values: unknown[] = []) => (await database.sql<T>(text, values))[0];
const status = async (runId: string) => (await one<{ status: string }>('SELECT status FROM run WHERE id = $1', [runId]))?.status;
const ended = async (runId: string) => {
  expect(await waitForRun(tenant.organizationId, runId, 15_000)).toBe(true);
  return status(runId);
};
const place = (runId: string) => one<{ state: number; trial: number; deaths: number }>('SELECT state, trial, deaths FROM run_queue WHERE run_id = $1', [runId]);
const workflow = (source: string) => storeWorkflow(database, tenant, `workflow: {name: ${source}, steps: [{id: a, uses: code, with: {source: ${source}}}]}`);
/** What becomes of a leased run whose worker was killed, without killing anybody: the lease of a worker that never was alive. */
async function orphan(runId: string): Promise<void> {
  const dead = await one<{ id: number }>(`INSERT INTO queue_worker (started_at, beat_at) VALUES (now() - interval '1 s', now()) RETURNING id`);
  await database.sql(
    'INSERT INTO queue_tenant (organization_id, running) VALUES ($1, 1) ON CONFLICT (organization_id) DO UPDATE SET running = queue_tenant.running + 1',
    [tenant.organizationId],
  );
  await database.sql('UPDATE run_queue SET state = 1, fence = 1, worker_id = $2 WHERE run_id = $1', [runId, dead?.id]);
}
const hang: Behaviour = ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

it('a run that wakes while a peer holds its organization is started once the peer lets go', async () => {
  const services = testServices({ work: () => 1 });
  const ids = await workflow('work');
  const runId = await queueRun(tenant, ids);
  await database.sql(`UPDATE run_queue SET state = 3, wake_at = now() + interval '1 hour' WHERE run_id = $1`, [runId]);
  await database.sql('INSERT INTO queue_tenant (organization_id, active) VALUES ($1, true)', [tenant.organizationId]);
  const peer = new pg.Client({ connectionString: database.ownerUrl });
  await peer.connect();
  await peer.query('BEGIN');
  await peer.query('SELECT 1 FROM queue_tenant FOR UPDATE');
  const worker = await start(services);
  await database.sql('UPDATE run_queue SET wake_at = now() WHERE run_id = $1', [runId]);
  await expect.poll(async () => (await place(runId))?.state).toBe(0);
  await expect.poll(() => worker.cycles).toBeGreaterThan(0);
  await peer.query('COMMIT');
  await peer.end();
  expect(await ended(runId)).toBe('succeeded');
});

describe('a run whose worker died', () => {
  it('is executed in quarantine by no ordinary worker, and is done with when it ends', async () => {
    const services = testServices({ work: () => 1 });
    const runId = await queueRun(tenant, await workflow('work'));
    await orphan(runId);
    const asked: string[] = [];
    await start(services, { openQuarantine: (kind) => asked.push(kind) });
    await expect.poll(() => asked).toEqual(['together']);
    expect(await place(runId)).toEqual({ state: 4, trial: 1, deaths: 1 });
    expect(services.calls.get('work')).toBeUndefined();
    await database.sql('DELETE FROM queue_worker WHERE beat_at IS NULL');
    await startWithQuarantine(services);
    expect(await ended(runId)).toBe('succeeded');
    await expect.poll(() => one<{ running: number }>('SELECT sum(running)::int AS running FROM queue_tenant')).toEqual({ running: 0 });
  });

  it('can be cancelled there, waiting or running', async () => {
    const services = testServices({ hang });
    const ids = await workflow('hang');
    const [waiting, running] = [await queueRun(tenant, ids), await queueRun(tenant, ids)];
    const cancel = (runId: string) => withTenant(tenant.organizationId, (tx) => sendToRun(tx, tenant.organizationId, runId, 'cancel'));
    await cancel(waiting);
    for (const runId of [waiting, running]) await orphan(runId);
    await startWithQuarantine(services);
    expect(await ended(waiting)).toBe('cancelled');
    await expect.poll(() => services.calls.get('hang')).toBe(1);
    await cancel(running);
    expect(await ended(running)).toBe('cancelled');
  });

  it('names the step in flight within a loop, and the cost so far', async () => {
    const ids = await storeWorkflow(
      database,
      tenant,
      'workflow: {name: loop, steps: [{id: ask, uses: pass}, {id: each, uses: for-each, depends_on: [ask], with: {items: "{{ [1, 2] }}"}, steps: [{id: work, uses: code, with: {source: work}}]}]}',
    );
    const runId = await queueRun(tenant, ids);
    const events = [
      ['run.started', '', '{"attempt":1}'],
      [
        'step.succeeded',
        'ask',
        String.raw`{"attempt":1,"startedAt":1,"output":{"text":"\u0000 \ud800","costUsd":9},"costUsd":0.25,"tokens":{"input":1,"output":2}}`,
      ],
      ['step.started', 'each', '{"attempt":1,"input":{}}'],
      ['step.started', 'work[0]', '{"attempt":1,"input":{}}'],
      ['step.succeeded', 'else', '{"attempt":1,"startedAt":1,"output":{"costUsd":9}}'],
      ['step.succeeded', 'work[0]', '{"attempt":1,"startedAt":1,"output":1,"costUsd":0.5}'],
      ['step.started', 'work[1]', '{"attempt":2,"input":{}}'],
    ];
    for (const [i, event] of events.entries())
      await database.sql('INSERT INTO run_event (organization_id, run_id, seq, type, path, at, data) VALUES ($1, $2, $3, $4, $5, now(), $6)', [
        tenant.organizationId,
        runId,
        i + 1,
        ...event,
      ]);
    await database.sql(`UPDATE run SET status = 'running' WHERE id = $1`, [runId]);
    await database.sql('UPDATE run_queue SET state = 4, trial = 4, deaths = 3 WHERE run_id = $1', [runId]);
    await start(testServices());
    expect(await ended(runId)).toBe('failed');
    const row = await one<{ error: string; cost_usd: number }>('SELECT error, cost_usd FROM run WHERE id = $1', [runId]);
    expect(JSON.parse(row?.error ?? '{}')).toMatchObject({ step: 'work', message: expect.stringContaining('In flight was the step "work[1]".') });
    expect(row?.cost_usd).toBe(0.75);
    expect(await one(`SELECT data::json ->> 'attempt' AS attempt FROM run_event WHERE path = 'work[1]' AND type = 'step.failed'`)).toEqual({ attempt: '2' });
  });

  it('is ended as poisoned when it is convicted, with its log and its dead letter', async () => {
    const runId = await queueRun(tenant, await workflow('work'));
    await database.sql('UPDATE run_queue SET state = 4, trial = 4, deaths = 3 WHERE run_id = $1', [runId]);
    await database.sql('INSERT INTO queue_tenant (organization_id, running) VALUES ($1, 1)', [tenant.organizationId]);
    const services = testServices({ work: () => 1 });
    await start(services);
    expect(await ended(runId)).toBe('failed');
    expect(services.calls.get('work')).toBeUndefined();
    const { error } = (await one<{ error: string }>('SELECT error FROM run WHERE id = $1', [runId])) ?? { error: '{}' };
    expect(JSON.parse(error)).toMatchObject({ code: 'poisoned', message: expect.stringMatching(/^3 processes died/) });
    expect(await one('SELECT attempts, reason, status FROM dead_letter WHERE run_id = $1', [runId])).toEqual({
      attempts: 3,
      reason: 'poisoned',
      status: 'open',
    });
    await expect.poll(() => place(runId)).toBeUndefined();
    await expect.poll(() => one<{ running: number }>('SELECT sum(running)::int AS running FROM queue_tenant')).toEqual({ running: 0 });
  });
});

it('a run of a version that poisoned three others goes to quarantine at once', async () => {
  const ids = await workflow('work');
  await database.sql(
    `INSERT INTO dead_letter (organization_id, id, run_id, workflow_id, version_id, code, message, attempts, reason)
     SELECT $1, gen_random_uuid(), gen_random_uuid(), $2, $3, 'poisoned', '', 3, 'poisoned' FROM generate_series(1, 3)`,
    [tenant.organizationId, ids.workflowId, ids.versionId],
  );
  const services = testServices({ work: () => 1 });
  const kinds: string[] = [];
  await startWithQuarantine(services, (kind) => kinds.push(kind));
  expect(await ended(await queueRun(tenant, ids))).toBe('succeeded');
  expect(kinds).toEqual(['alone']);
});

it('a worker that loses its session has nobody blamed, and its runs go on elsewhere', async () => {
  let release: () => void = () => {};
  const services = testServices({ hold: () => new Promise((resolve) => (release = () => resolve(1))) }); // prettier-ignore
  let lost = false;
  await start(services, { onLost: () => (lost = true) }); // prettier-ignore
  const runId = await queueRun(tenant, await workflow('hold'));
  await expect.poll(() => services.calls.get('hold')).toBe(1);
  const heir = testServices({ hold: () => 1 });
  await database.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'heddle worker' AND datname = current_database()`);
  await start(heir);
  expect(await ended(runId)).toBe('succeeded');
  expect(lost).toBe(true);
  expect(heir.calls.get('hold')).toBe(1);
  release();
});

it('a worker that stops hands its runs back: the next one goes on, and nobody is blamed', async () => {
  const services = testServices({ hang });
  const runId = await queueRun(tenant, await workflow('hang'));
  const worker = await start(services);
  await expect.poll(() => services.calls.get('hang')).toBe(1);
  await worker.stop(0);
  expect(await place(runId)).toEqual({ state: 4, trial: 0, deaths: 0 });
  expect(await one('SELECT count(*)::int AS n FROM queue_worker')).toEqual({ n: 0 });
  const heir = testServices({ hang: () => 1 });
  await start(heir);
  expect(await ended(runId)).toBe('succeeded');
});
