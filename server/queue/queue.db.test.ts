import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { closeEnginePool, engineConnection, enginePool } from './engine-pool';
import { enqueueRunOn } from './enqueue';

let database: TestDatabase;
let tenant: TestTenant;
let worker: pg.Client;
let id: number;

beforeAll(async () => {
  database = await testDatabase();
  tenant = await makeTenant();
  worker = engineConnection('test worker');
  worker.on('error', () => {});
  await worker.connect();
});
afterAll(async () => {
  await worker.end();
  await closeEnginePool();
  await database.close();
});
beforeEach(async () => {
  await database.sql('TRUNCATE run, run_queue, run_inbox, queue_tenant, queue_worker');
  id = await one<number>(worker, 'SELECT rq_register() AS n');
});

const one = async <T>(client: pg.ClientBase | pg.Pool, text: string, values: unknown[] = []): Promise<T> =>
  (await client.query<{ n: T }>(text, values)).rows[0]?.n as T;
const queue = (at?: Date, organizationId = tenant.organizationId) =>
  enqueueRunOn(enginePool() as unknown as pg.ClientBase, {
    organizationId,
    workflowId: uuid(),
    versionId: uuid(),
    trigger: 'api',
    input: {},
    ...(at ? { at } : {}),
  });
const cycle = async (n: number, done: { id: string; fence: number }[] = [], act: string[] = [], client: pg.ClientBase = worker, w = id) =>
  (
    await client.query<{ id: string; run_id: string; fence: number }>('SELECT * FROM rq_cycle($1, $2, $3, $4, $5)', [
      w,
      n,
      done.map((d) => d.id),
      done.map((d) => d.fence),
      act,
    ])
  ).rows;
const mail = (runId: string, age = '0') =>
  database.sql(`INSERT INTO run_inbox (organization_id, run_id, id, kind, created_at) VALUES ($1, $2, $3, 'cancel', now() - $4::interval)`, [
    tenant.organizationId,
    runId,
    uuid(),
    age,
  ]);
const running = async () => (await database.sql<{ running: number }>('SELECT running FROM queue_tenant'))[0]?.running;
const states = async () => (await database.sql<{ state: number }>('SELECT state FROM run_queue ORDER BY id')).map((r) => r.state);

it('orphan mail does not hide the mail of a run that sleeps', async () => {
  const sleeping = await queue(new Date(Date.now() + 3_600_000));
  expect(await states()).toEqual([3]);
  await database.sql(
    `INSERT INTO run_inbox (organization_id, run_id, id, kind)
     SELECT $1, ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid, gen_random_uuid(), 'cancel' FROM generate_series(1, 3000) i`,
    [tenant.organizationId],
  );
  await mail(sleeping);
  expect(await one(enginePool(), 'SELECT rq_wake_for_inbox() AS n')).toBe(1);
  expect(await states()).toEqual([0]);
});

it('mail goes with its run, and what came later with the reconciler', async () => {
  const runId = await queue();
  await mail(runId);
  const leases = await cycle(10, [], [tenant.organizationId]);
  expect(leases).toMatchObject([{ run_id: runId, has_mail: true }]);
  await cycle(0, leases);
  expect(await database.sql('SELECT 1 FROM run_inbox')).toHaveLength(0);
  await mail(runId, '1 hour');
  await mail(await queue(), '1 hour');
  await one(enginePool(), 'SELECT rq_reconcile() AS n');
  expect(await database.sql('SELECT 1 FROM run_inbox')).toHaveLength(1);
});

it('a worker is registered with its lock held, and found dead without a row', async () => {
  expect(await one(enginePool(), 'SELECT pg_try_advisory_lock(7701, $1) AS n', [id])).toBe(false);
  await queue();
  await cycle(1, [], [tenant.organizationId]);
  await database.sql('DELETE FROM queue_worker');
  expect(await one(enginePool(), 'SELECT rq_reap(0) AS n')).toBe(0); // it holds its lock
  await worker.query('SELECT pg_advisory_unlock(7701, $1)', [id]);
  expect(await one(enginePool(), 'SELECT rq_reap(0) AS n')).toBe(1);
  expect(await states()).toEqual([4]); // it keeps its place
  expect(await running()).toBe(1);
  expect(await cycle(1)).toHaveLength(0);
  const peer = await one<number>(enginePool(), 'SELECT rq_register() AS n');
  expect((await enginePool().query('SELECT * FROM rq_lease_suspects($1, 9)', [peer])).rows).toHaveLength(1);
});

it('a wrong count of running runs is put right', async () => {
  await queue();
  await cycle(1, [], [tenant.organizationId]);
  expect(await one(enginePool(), 'SELECT rq_reconcile() AS n')).toBe(0);
  await database.sql('UPDATE queue_tenant SET running = 7');
  expect(await one(enginePool(), 'SELECT rq_reconcile() AS n')).toBe(1);
  expect(await running()).toBe(1);
});

it('a worker whose tenant is held by a peer learns of the backlog', async () => {
  expect(await one(enginePool(), 'SELECT rq_backlog() AS n')).toBe(false);
  await queue();
  await queue();
  const peer = await enginePool().connect();
  try {
    await peer.query('BEGIN');
    expect(await cycle(1, [], [tenant.organizationId], peer)).toHaveLength(1);
    await peer.query('COMMIT; BEGIN');
    await peer.query('SELECT 1 FROM queue_tenant FOR UPDATE');
    expect(await cycle(5)).toHaveLength(0);
    expect(await one(worker, 'SELECT rq_backlog() AS n')).toBe(true);
    await peer.query('COMMIT');
  } finally {
    peer.release();
  }
  expect(await cycle(5)).toHaveLength(1);
  expect(await cycle(5)).toHaveLength(0);
  expect(await one(worker, 'SELECT rq_backlog() AS n')).toBe(false);
});

it('workers that announce the same new tenants in any order do not deadlock', async () => {
  const clients = await Promise.all(Array.from({ length: 4 }, () => enginePool().connect()));
  try {
    for (let round = 0; round < 15; round++) {
      const tenants = Array.from({ length: 100 }, () => uuid());
      const shuffled = () => tenants.toSorted(() => Math.random() - 0.5);
      await Promise.all(clients.map((client, i) => (i % 2 ? cycle(0, [], shuffled(), client) : client.query('SELECT rq_enter($1)', [shuffled()]))));
    }
  } finally {
    for (const client of clients) client.release();
  }
  expect(await database.sql('SELECT 1 FROM queue_tenant WHERE active')).toHaveLength(1_500);
});
