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
  const witness = await scheduled('witness', '* * * * * *');
  await expect.poll(async () => (await runs(witness.id)).length, { timeout: 8_000, interval: 100 }).toBeGreaterThanOrEqual(2);
  await deleteWorkflow(tenant.ctx, { id: witness.id });
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

it('schedules that cannot be fired do not hold up the others: they go on to their next time, with a failed run where there can be one', async () => {
  const odd = await scheduled('odd', '0 0 1 1 *');
  const refused = await scheduled('refused', '0 0 1 1 *');
  const hopeless = await scheduled('hopeless', '0 0 1 1 *');
  const good = await scheduled('good', '0 0 1 1 *');
  // a document that PostgreSQL cannot take apart, with a priority that is no number
  await database.sql(`UPDATE workflow_version SET definition = $2::json WHERE workflow_id = $1`, [
    odd.id,
    '{"workflow": {"name": "odd\\u0000", "settings": {"priority": "abc"}, "steps": [{"id": "a"}]}}',
  ]);
  await database.sql(
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF NEW.workflow_id = '${hopeless.id}' OR (NEW.workflow_id = '${refused.id}' AND NEW.status = 'queued') THEN RAISE EXCEPTION 'refused by the test'; END IF;
       RETURN NEW; END $$`,
  );
  await database.sql('CREATE TRIGGER refuse BEFORE INSERT ON run FOR EACH ROW EXECUTE FUNCTION refuse()');
  const all = [odd, refused, hopeless, good].map((w) => w.id);
  await database.sql(`UPDATE trigger SET next_at = now() - interval '1 s' WHERE workflow_id = ANY($1::uuid[])`, [all]);
  await due(good.id, '1 ms');
  await expect.poll(async () => (await runs(good.id)).map((r) => r.status), { timeout: 5_000 }).toEqual(['queued']);
  expect(await runs(odd.id)).toMatchObject([{ status: 'queued', queued: true, priority: 0 }]);
  expect(await runs(hopeless.id)).toEqual([]);
  const [failed] = await runs(refused.id);
  expect(failed).toMatchObject({ status: 'failed', queued: false });
  expect(JSON.parse(failed?.error ?? '')).toMatchObject({ code: 'schedule_failed' });
  const late = await database.sql('SELECT 1 FROM trigger WHERE workflow_id = ANY($1::uuid[]) AND next_at < now()', [all]);
  expect(late).toHaveLength(0);
});
