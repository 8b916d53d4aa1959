import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecutorServices } from '@/core/node/executor';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { keyOf, serveHttp, type TestServer } from '@/server/db/testing-http';
import { startTestWorker, testServices } from '@/server/engine/testing';
import { createEventService } from '@/server/events';
import { waitForRun } from '@/server/queue/wait-for-run';
import { createApprovals, decideApproval, listApprovals } from './index';
import { sweepApprovals } from './sweep-approvals';

type Asked = Parameters<ExecutorServices['http']['request']>[1];
let database: TestDatabase;
let tenant: TestTenant;
let server: TestServer;
let key: string;
let worker: Awaited<ReturnType<typeof startTestWorker>>;
const asked: Asked[] = [];
const services = {
  ...testServices(),
  approvals: createApprovals(),
  events: createEventService(),
  http: {
    request: async (_: string, request: Asked) => {
      asked.push(request);
      return { status: 202, headers: {}, body: '', url: request.url };
    },
  },
};
beforeAll(async () => {
  database = await testDatabase();
  tenant = await makeTenant();
  server = await serveHttp();
  key = await keyOf(tenant);
  worker = await startTestWorker(services);
});
afterAll(async () => {
  await worker.stop(0);
  await server.close();
  await database.close();
});

let names = 0;
/** starts a run of these steps and returns its id */
async function start(steps: unknown[], more: object = {}): Promise<string> {
  const made = await server.call('POST', '/api/v1/workflows', { key, body: { definition: { workflow: { name: `waits-${++names}`, steps, ...more } } } });
  expect(made.status, made.text).toBe(201);
  return (await server.call('POST', `/api/v1/workflows/${made.json.id}/runs`, { key, body: { input: { order: 7 } } })).json.runId;
}
const read = async (runId: string) => (await server.call('GET', `/api/v1/runs/${runId}`, { key })).json;
/** waits until the run has given its lease back and the step waits */
const untilWaiting = (runId: string, step: string) =>
  expect
    .poll(
      async () => {
        const [queue] = await database.sql<{ state: number }>('SELECT state FROM run_queue WHERE run_id = $1', [runId]);
        const { status, steps } = await read(runId);
        return [status, queue?.state, steps.find((s: { path: string }) => s.path === step)?.status];
      },
      { timeout: 10_000 },
    )
    .toEqual(['waiting', 3, 'waiting']);
async function ended(runId: string) {
  expect(await waitForRun(tenant.organizationId, runId, 15_000)).toBe(true);
  const { status, output, error, steps } = await read(runId);
  return { status, output, error, steps: Object.fromEntries(steps.map((s: { path: string; status: string }) => [s.path, s.status])) };
}
const open = async (runId: string) => (await listApprovals(tenant.ctx, { scope: 'all', runId })).items;

describe('a run that waits holds no worker, and goes on', () => {
  it('with a signal, also one that came before', async () => {
    const steps = [{ id: 'paid', uses: 'signal', with: { name: 'paid' } }];
    const send = (runId: string, data: unknown) => server.call('POST', `/api/v1/runs/${runId}/signals/paid`, { key, body: { data } });
    const runId = await start(steps);
    await untilWaiting(runId, 'paid');
    expect((await send(runId, 5)).status).toBe(202);
    expect(await ended(runId)).toMatchObject({ status: 'succeeded', output: { data: 5 } });
    expect((await send(runId, 6)).status).toBe(409);
    expect(await ended(runId)).toMatchObject({ status: 'succeeded', output: { data: 5 } });

    const later = await start([
      { id: 'pause', uses: 'delay', with: { for: '2s' } },
      { ...steps[0], depends_on: ['pause'] },
    ]);
    await untilWaiting(later, 'pause');
    await send(later, 'early');
    expect(await ended(later)).toMatchObject({ output: { data: 'early' } });
  });

  it('without one, at its timeout: failed, or on with the default', async () => {
    const wait = { name: 'never', timeout: '10ms' };
    expect(await ended(await start([{ id: 'a', uses: 'signal', with: wait }]))).toMatchObject({
      status: 'failed',
      error: { code: 'wait_timeout', message: expect.stringContaining('The signal "never" did not come within 10ms.') },
    });
    const lenient = { ...wait, on_timeout: 'continue', default: { order: '{{ input.order }}' } };
    expect(await ended(await start([{ id: 'a', uses: 'signal', with: lenient }]))).toMatchObject({ status: 'succeeded', output: { order: 7 } });
  });

  const asking = (settings: object) => [
    { id: 'ask', uses: 'approval', with: { title: 'Refund order {{ input.order }}?', assignees: 'operator', ...settings } },
    { id: 'yes', uses: 'transform', depends_on: ['ask.approved'], with: { value: 'yes, {{ data.by.name }}: {{ data.comment }}, {{ data.values.amount }}' } },
    { id: 'no', uses: 'transform', depends_on: ['ask.rejected'], with: { value: 'no' } },
  ];
  it('with a decision, by the exit of the decision', async () => {
    const form = { type: 'object', properties: { amount: { type: 'number' } } };
    for (const decision of ['approved', 'rejected'] as const) {
      const runId = await start(asking({ form }));
      await untilWaiting(runId, 'ask');
      const [approval, ...more] = await open(runId);
      expect([approval?.title, more]).toEqual(['Refund order 7?', []]);
      const values = decision === 'approved' ? { amount: 12 } : {};
      await decideApproval(tenant.contextAs('operator'), { id: approval?.id ?? '', decision, comment: 'fine', values });
      const taken = decision === 'approved' ? { yes: 'succeeded', no: 'skipped' } : { yes: 'skipped', no: 'succeeded' };
      const output = decision === 'approved' ? { yes: 'yes, Test operator: fine, 12' } : { no: 'no' };
      expect(await ended(runId)).toMatchObject({ status: 'succeeded', steps: { ask: 'succeeded', ...taken }, output });
    }
  });

  it('at the deadline of a decision, whether the sweep is there or not', async () => {
    const swept = await start(asking({ deadline: '50ms' }));
    await expect.poll(() => open(swept).then((all) => all.length)).toBe(1);
    await expect.poll(async () => (await sweepApprovals()) + (await open(swept)).length).toBe(0);
    expect(await ended(swept)).toMatchObject({ status: 'succeeded', output: { no: 'no' } });
    const alone = await start(asking({ deadline: '10ms', on_deadline: 'fail' }));
    expect(await ended(alone)).toMatchObject({ status: 'failed', error: { code: 'approval_expired', step: 'ask' } });
  });

  it('with a call of its address, which the request before it tells', async () => {
    const request = { url: 'https://partner.example/jobs', body: { notify: '{{ run.callbackUrl }}/call' } };
    const runId = await start([{ id: 'call', uses: 'callback', with: { request } }]);
    await untilWaiting(runId, 'call');
    const { notify } = JSON.parse(asked.at(-1)?.body ?? '{}');
    expect((await server.call('POST', new URL(notify).pathname, { body: { done: 1 } })).status).toBe(202);
    expect(await ended(runId)).toMatchObject({ status: 'succeeded', output: { method: 'POST', body: { done: 1 } } });
    expect((await server.call('POST', new URL(notify).pathname, { body: { done: 2 } })).status).toBe(409);
  });

  it('each iteration of a loop for itself', async () => {
    const body = [{ id: 'call', uses: 'callback', with: {} }];
    const runId = await start([{ id: 'each', uses: 'for-each', with: { items: [1, 2], concurrency: 2 }, steps: body, output: '{{ steps.call.output.body }}' }]);
    await untilWaiting(runId, 'call[1]');
    const { url } = await getUrl(runId, 'call[1]');
    await server.call('POST', url, { body: { n: 'second' } });
    await untilWaiting(runId, 'call[0]');
    await server.call('POST', (await getUrl(runId, 'call[0]')).url, { body: { n: 'first' } });
    expect(await ended(runId)).toMatchObject({ status: 'succeeded', output: [{ n: 'first' }, { n: 'second' }] });
  });

  it('with an event that is meant for it', async () => {
    const steps = [
      { id: 'shipped', uses: 'wait-for-event', with: { pattern: 'order.*', match: { 'data.order': '{{ input.order }}' }, filter: 'event.data.eu' } },
    ];
    const runId = await start(steps);
    await untilWaiting(runId, 'shipped');
    const publish = (data: object) => server.call('POST', '/api/v1/events', { key, body: { type: 'order.shipped', data } });
    await publish({ order: 8, eu: true });
    await publish({ order: 7, eu: false });
    await publish({ order: 7, eu: true, by: 'sea' });
    expect(await ended(runId)).toMatchObject({ status: 'succeeded', output: { type: 'order.shipped', data: { by: 'sea' } } });
  });

  it('asks nobody any more when it is cancelled', async () => {
    const runId = await start(asking({}));
    await untilWaiting(runId, 'ask');
    const id = (await open(runId))[0]?.id ?? '';
    await server.call('POST', `/api/v1/runs/${runId}/cancel`, { key, body: {} });
    expect(await ended(runId)).toMatchObject({ status: 'cancelled' });
    const answer = await server.call('POST', `/api/v1/approvals/${id}/decide`, { key, body: { decision: 'approved' } });
    expect([answer.status, answer.json.detail]).toEqual([409, expect.stringContaining('has ended')]);
  });
});

async function getUrl(runId: string, path: string): Promise<{ url: string }> {
  const { getCallbackUrl } = await import('@/server/signals');
  const { url } = await getCallbackUrl(tenant.ctx, { runId, path });
  const { pathname, search } = new URL(url);
  return { url: pathname + search };
}

describe('approvals by REST', () => {
  it('are listed, read, decided and handed on', async () => {
    const runId = await start([{ id: 'ask', uses: 'approval', with: { title: 'Go?', assignees: 'editor' } }]);
    await untilWaiting(runId, 'ask');
    const operator = await keyOf(tenant, 'operator');
    const list = await server.call('GET', `/api/v1/approvals?run=${runId}`, { key: operator });
    expect(list.json.items).toMatchObject([{ title: 'Go?', status: 'open', mine: false, assignees: [{ role: 'editor' }] }]);
    const path = `/api/v1/approvals/${list.json.items[0].id}`;
    expect((await server.call('GET', path, { key: operator })).json).toMatchObject({ whyNot: expect.any(String), run: { id: runId, status: 'waiting' } });
    expect((await server.call('POST', `${path}/decide`, { key: operator, body: { decision: 'approved' } })).status).toBe(403);
    expect((await server.call('POST', `${path}/reassign`, { key, body: { assignees: [{ role: 'operator' }] } })).status).toBe(200);
    const decided = await server.call('POST', `${path}/decide`, { key: operator, body: { decision: 'approved' } });
    expect([decided.status, decided.json.status]).toEqual([200, 'approved']);
    expect((await server.call('POST', `${path}/decide`, { key, body: { decision: 'rejected' } })).status).toBe(409);
    for (const wrong of ['/api/v1/approvals/nonsense', '/api/v1/approvals/00000000-0000-7000-8000-000000000000'])
      expect((await server.call('GET', wrong, { key })).status, wrong).toBe(404);
  });
});
