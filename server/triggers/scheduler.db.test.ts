import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { withTenant } from '@/server/db/transaction';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { createWorkflow, deleteWorkflow } from '@/server/workflows';
import { startScheduler } from './scheduler';
import { announceTriggers } from './sync-triggers';

let database: TestDatabase;
let tenant: TestTenant;
const stop = new AbortController();
const schedulers: Promise<void>[] = [];

beforeAll(async () => {
  database = await testDatabase();
  tenant = await makeTenant();
  for (let i = 0; i < 3; i++) schedulers.push(startScheduler({ signal: stop.signal }));
});
afterAll(async () => {
  stop.abort();
  await Promise.all(schedulers);
  await closeEnginePool();
  await database.close();
});

const scheduled = (name: string, cron: string, more = {}) =>
  createWorkflow(tenant.ctx, { definition: { workflow: { name, triggers: [{ schedule: { cron } }], steps: [{ id: 'a' }], ...more } } });
const runs = (workflowId: string) =>
  database.sql<{ input: string; status: string; error: string | null; queued: boolean; priority: number }>(
    `SELECT input, status, error, priority, EXISTS (SELECT FROM run_queue q WHERE q.run_id = run.id) AS queued FROM run WHERE workflow_id = $1 ORDER BY id`,
    [workflowId],
  );
const due = async (workflowId: string, ago: string) => {
  await database.sql(`UPDATE trigger SET next_at = now() - $2::interval WHERE workflow_id = $1`, [workflowId, ago]);
  await withTenant(tenant.organizationId, (tx) => announceTriggers(tx, workflowId));
};

it('three schedulers fire each time once, and precisely', async () => {
  const { id } = await scheduled('every-second', '* * * * * *');
  await expect.poll(async () => (await runs(id)).length, { timeout: 8_000, interval: 100 }).toBeGreaterThanOrEqual(4);
  await deleteWorkflow(tenant.ctx, { id });
  const rows = await runs(id);
  const times = rows.map((r) => JSON.parse(r.input).scheduledAt as string);
  expect(new Set(times).size).toBe(times.length);
  expect(rows.every((r) => r.queued && r.status === 'queued')).toBe(true);
  const [late] = await database.sql<{ ms: number }>(
    `SELECT max(extract(epoch FROM queued_at - (input::json->>'scheduledAt')::timestamptz) * 1000)::float8 AS ms FROM run WHERE workflow_id = $1`,
    [id],
  );
  expect(late?.ms).toBeLessThan(500);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(await runs(id)).toHaveLength(rows.length); // a deleted workflow is not started
});

it('fires once for all the times that were missed, then at the next one', async () => {
  const { id } = await scheduled('hourly', '0 * * * *', { settings: { priority: 7 } });
  await due(id, '5 hours');
  await expect.poll(async () => (await runs(id)).length, { timeout: 5_000 }).toBe(1);
  expect((await runs(id))[0]).toMatchObject({ queued: true, priority: 7 });
  const [row] = await database.sql<{ next_at: Date }>('SELECT next_at FROM trigger WHERE workflow_id = $1', [id]);
  expect(row?.next_at.getTime()).toBeGreaterThan(Date.now());
  expect(row?.next_at.getUTCMinutes()).toBe(0);
});

it('many due schedules of many workflows fire once each', async () => {
  const made = await Promise.all(Array.from({ length: 30 }, (_, i) => scheduled(`many-${i}`, '0 0 1 1 *')));
  await database.sql(`UPDATE trigger SET next_at = now() - interval '1 s' WHERE workflow_id = ANY($1::uuid[])`, [made.map((w) => w.id)]);
  await due(made[0]?.id ?? '', '2 s');
  await expect.poll(async () => (await Promise.all(made.map((w) => runs(w.id)))).map((r) => r.length), { timeout: 8_000 }).toEqual(made.map(() => 1));
});

it('a schedule whose workflow wants an input it cannot have leaves a failed run that says so', async () => {
  const input = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
  const { id } = await scheduled('wants', '0 * * * *', { input });
  await due(id, '1 s');
  await expect.poll(async () => (await runs(id)).length, { timeout: 5_000 }).toBe(1);
  const [run] = await runs(id);
  expect(run).toMatchObject({ status: 'failed', queued: false });
  expect(JSON.parse(run?.error ?? '')).toMatchObject({ code: 'invalid_input', details: [{ message: expect.any(String) }] });
});
