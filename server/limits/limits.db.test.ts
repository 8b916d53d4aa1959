import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { closeInline } from '@/server/engine/inline';
import { type Behaviour, startTestWorker, storeWorkflow, testServices } from '@/server/engine/testing';
import type { Worker } from '@/server/engine/worker';
import { closeEnginePool } from '@/server/queue/engine-pool';
import { retryRun, startRun } from '@/server/runs';
import { getLimits, setOrganizationLimit, setProjectLimit } from './index';

let database: TestDatabase;
let workers: Worker[] = [];

beforeAll(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  await Promise.all(workers.map((w) => w.stop(100)));
  workers = [];
});
afterAll(async () => {
  await closeInline();
  await closeEnginePool();
  await database.close();
});

/** Counts how many steps are executed at the same time, in all and by organization and key. */
function counter(ms = 40) {
  const now = new Map<string, number>();
  const most = new Map<string, number>();
  const add = (name: string, n: number) => {
    now.set(name, (now.get(name) ?? 0) + n);
    most.set(name, Math.max(most.get(name) ?? 0, now.get(name) as number));
  };
  const work: Behaviour = async ({ organizationId, data }) => {
    const names = [organizationId, `key ${(data as { key?: string }).key}`];
    for (const name of names) add(name, 1);
    await new Promise((resolve) => setTimeout(resolve, ms));
    for (const name of names) add(name, -1);
    return null;
  };
  return { most, services: testServices({ work }) };
}

const awl = (settings: string) => `workflow: {name: w, settings: ${settings}, steps: [{id: a, uses: code, with: {source: work}}]}`;
const publish = async (tenant: TestTenant, settings: string) => {
  const ids = await storeWorkflow(database, tenant, awl(settings));
  await database.sql('UPDATE workflow SET current_version_id = $2 WHERE id = $1', [ids.workflowId, ids.versionId]);
  return (input: object = {}) => startRun(tenant.ctx, { workflowId: ids.workflowId, input });
};
const ended = (tenant: TestTenant, n: number) =>
  expect
    .poll(
      async () =>
        (
          await database.sql<{ n: number }>(`SELECT count(*)::int AS n FROM run WHERE organization_id = $1 AND status = 'succeeded'`, [tenant.organizationId])
        )[0]?.n,
      { timeout: 20_000 },
    )
    .toBe(n);

describe('limits', () => {
  it('of a workflow and of each value of a key hold with two workers', async () => {
    const tenant = await makeTenant();
    const capped = await publish(tenant, '{concurrency: 2}');
    for (let i = 0; i < 12; i++) await capped({ key: 'w' });
    const byKey = await publish(tenant, '{concurrency: {limit: 1, key: "{{ input.key }}"}}');
    for (let i = 0; i < 12; i++) await byKey({ key: ['x', 'y'][i % 2] });
    const { most, services } = counter();
    workers = [await startTestWorker(services), await startTestWorker(services)];
    await ended(tenant, 24);
    expect([most.get('key w'), most.get('key x'), most.get('key y')]).toEqual([2, 1, 1]);
    expect(most.get(tenant.organizationId)).toBeGreaterThan(2);
    expect((await getLimits(tenant.ctx)).gates.every((g) => g.running === 0 && g.held === 0)).toBe(true);
  });

  it('of the organization and of a project can be set and taken off while runs wait', async () => {
    const tenant = await makeTenant();
    await expect(setOrganizationLimit(tenant.contextAs('editor'), { concurrency: 1 })).rejects.toThrow('permission');
    await setOrganizationLimit(tenant.ctx, { concurrency: 3 });
    const start = await publish(tenant, '{}');
    for (let i = 0; i < 9; i++) await start();
    await setProjectLimit(tenant.ctx, { projectId: tenant.projectId, concurrency: 2 });
    expect(await getLimits(tenant.contextAs('viewer'))).toMatchObject({
      organization: { concurrency: 3, running: 0, waiting: 0 },
      projects: [{ id: tenant.projectId, concurrency: 2, running: 0, held: 9 }],
      gates: [],
    });
    const first = counter();
    workers = [await startTestWorker(first.services)];
    await ended(tenant, 9);
    expect(first.most.get(tenant.organizationId)).toBe(2);
    await setProjectLimit(tenant.ctx, { projectId: tenant.projectId, concurrency: null });
    await Promise.all(Array.from({ length: 9 }, () => start()));
    await ended(tenant, 18);
    expect(first.most.get(tenant.organizationId)).toBe(3);
    const log = await database.sql(`SELECT target_type, details FROM audit_event WHERE organization_id = $1 AND action = 'limit.update' ORDER BY at`, [
      tenant.organizationId,
    ]);
    expect(log).toEqual([
      { target_type: 'organization', details: { from: null, to: 3 } },
      { target_type: 'project', details: { from: null, to: 2 } },
      { target_type: 'project', details: { from: 2, to: null } },
    ]);
  });

  it('a rate spreads starts over time', async () => {
    const tenant = await makeTenant();
    const start = await publish(tenant, '{rate: {limit: 2, per: second}}');
    for (let i = 0; i < 5; i++) await start();
    workers = [await startTestWorker(counter().services)];
    await ended(tenant, 5);
    const [span] = await database.sql<{ s: number }>(
      'SELECT extract(epoch FROM max(started_at) - min(started_at))::float8 AS s FROM run WHERE organization_id = $1',
      [tenant.organizationId],
    );
    expect(span?.s).toBeGreaterThan(1.9);
  });

  it('a second start with a key names the first run, which can be retried; starts in a row become one', async () => {
    const tenant = await makeTenant();
    const once = await publish(tenant, '{dedupe: {key: "{{ input.order }}", window: 1h}}');
    const { runId } = await once({ order: 7 });
    expect(await once({ order: '7' })).toEqual({ runId, deduplicated: true });
    expect((await once({ order: 8 })).deduplicated).toBeUndefined();
    await expect(once({})).rejects.toThrow('workflow.settings.dedupe.key');
    workers = [await startTestWorker(counter().services)];
    await ended(tenant, 2);
    expect((await retryRun(tenant.ctx, { runId })).runId).not.toBe(runId);
    await ended(tenant, 3);
    const last = await publish(tenant, '{debounce: {wait: 400ms}}');
    const answers = [await last({ n: 1 }), await last({ n: 2 }), await last({ n: 3 })];
    expect(answers.map((a) => a.debounced)).toEqual([undefined, true, true]);
    await ended(tenant, 4);
    const [row] = await database.sql<{ input: string }>('SELECT input FROM run WHERE id = $1', [answers[0]?.runId]);
    expect(JSON.parse(row?.input ?? '')).toEqual({ n: 3 });
  });
});
