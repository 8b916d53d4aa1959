import { afterAll, beforeAll, expect, it } from 'vitest';
import { StepError } from '@/core/node/executor';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { keyOf, serveHttp, type TestServer } from '@/server/db/testing-http';
import { callWorkflow } from '@/server/engine/call-workflow';
import { startTestWorker, testServices } from '@/server/engine/testing';
import { createEventService } from '@/server/events';
import { waitForRun } from '@/server/queue/wait-for-run';
import { callbackUrl } from '@/server/signals';
import { createApprovals, decideApproval } from './index';

let database: TestDatabase;
let tenant: TestTenant;
let server: TestServer;
let key: string;
let worker: Awaited<ReturnType<typeof startTestWorker>>;
/** fails the first time it is executed */
const flaky = ({ count }: { count: number }) => {
  if (count === 1) throw new StepError('flaky', 'not yet');
  return count;
};
beforeAll(async () => {
  database = await testDatabase();
  tenant = await makeTenant();
  server = await serveHttp();
  key = await keyOf(tenant);
  worker = await startTestWorker({ ...testServices({ flaky }), approvals: createApprovals(), events: createEventService(), runs: callWorkflow });
});
afterAll(async () => {
  await worker.stop(0);
  await server.close();
  await database.close();
});

let names = 0;
async function make(steps: unknown[]): Promise<{ id: string; slug: string }> {
  const slug = `tries-${++names}`;
  const made = await server.call('POST', '/api/v1/workflows', { key, body: { definition: { workflow: { name: slug, steps } } } });
  expect(made.status, made.text).toBe(201);
  return { id: made.json.id, slug };
}
async function start(steps: unknown[]): Promise<string> {
  return (await server.call('POST', `/api/v1/workflows/${(await make(steps)).id}/runs`, { key, body: {} })).json.runId;
}
/** the n-th time that a step waits */
const untilWaiting = (runId: string, path: string, n = 1) =>
  expect
    .poll(
      async () => {
        const [log] = await database.sql<{ n: number; last: string }>(
          `SELECT count(*) FILTER (WHERE type = 'step.waiting')::int AS n, (array_agg(type ORDER BY seq DESC))[1] AS last FROM run_event WHERE run_id = $1 AND path = $2`,
          [runId, path],
        );
        return [log?.n, log?.last];
      },
      { timeout: 10_000 },
    )
    .toEqual([n, 'step.waiting']);
const ended = async (runId: string) => {
  expect(await waitForRun(tenant.organizationId, runId, 15_000)).toBe(true);
  return (await server.call('GET', `/api/v1/runs/${runId}`, { key })).json;
};
const ofRun = (runId: string) => database.sql<{ id: string; status: string }>('SELECT id, status FROM approval WHERE run_id = $1 ORDER BY id', [runId]);
const statusOfChildren = async (runId: string) =>
  (await database.sql<{ status: string }>('SELECT status FROM run WHERE caller_run_id = $1 ORDER BY id', [runId])).map(({ status }) => status);

it('a loop that is tried again waits again for all it waits for, and hears what it is told then', async () => {
  const child = await make([{ id: 'paid', uses: 'signal', with: { name: 'paid' } }]);
  await server.call('POST', `/api/v1/workflows/${child.id}/publish`, { key, body: {} });
  const runId = await start([
    {
      id: 'each',
      uses: 'for-each',
      with: { items: ['x'] },
      retry: { attempts: 1, delay: '10ms', jitter: false },
      steps: [
        { id: 'ask', uses: 'approval', with: { title: 'Go?', assignees: 'operator' } },
        { id: 'event', uses: 'wait-for-event', depends_on: ['ask.approved'], with: { pattern: 'tries.go' } },
        { id: 'call', uses: 'callback', depends_on: ['event'], with: {} },
        { id: 'child', uses: 'workflow', depends_on: ['call'], with: { workflow: child.slug } },
        { id: 'flaky', uses: 'code', depends_on: ['child'], with: { source: 'flaky' } },
      ],
      output: '{{ [steps.event.output.data.n, steps.call.output.body.n, steps.child.output.data.n] }}',
    },
  ]);
  const callback = `${new URL(callbackUrl(tenant.organizationId, runId)).pathname}/call?i=0`;
  for (const n of [1, 2]) {
    await untilWaiting(runId, 'ask[0]', n);
    const open = (await ofRun(runId)).find(({ status }) => status === 'open');
    await decideApproval(tenant.ctx, { id: open?.id ?? '', decision: 'approved' });
    await untilWaiting(runId, 'event[0]', n);
    await server.call('POST', '/api/v1/events', { key, body: { type: 'tries.go', data: { n } } });
    await untilWaiting(runId, 'call[0]', n);
    expect(await server.call('POST', callback, { body: { n } })).toMatchObject({ status: 202 });
    // said again it changes nothing, not in the next try either
    expect((await server.call('POST', callback, { body: { n: 'again' } })).status).toBe(202);
    await untilWaiting(runId, 'child[0]', n);
    const [{ id } = { id: '' }] = await database.sql<{ id: string }>(`SELECT id FROM run WHERE caller_run_id = $1 AND status <> 'succeeded'`, [runId]);
    expect((await server.call('POST', `/api/v1/runs/${id}/signals/paid`, { key, body: { data: { n } } })).status).toBe(202);
  }
  expect(await ended(runId)).toMatchObject({ status: 'succeeded', output: [[2, 2, 2]] });
  expect(await statusOfChildren(runId)).toEqual(['succeeded', 'succeeded']);
});

it('what a step has asked or started is over when it has: in time, or because the others of its iteration failed', async () => {
  const child = await make([{ id: 'never', uses: 'signal', with: { name: 'never' } }]);
  await server.call('POST', `/api/v1/workflows/${child.id}/publish`, { key, body: {} });
  const ask = { uses: 'approval', with: { title: 'Go?', assignees: 'operator' } };
  const call = { uses: 'workflow', with: { workflow: child.slug } };
  const runId = await start([
    { ...ask, id: 'ask', timeout: '300ms', on_error: 'continue' },
    { ...call, id: 'call', timeout: '300ms', on_error: { fallback: 'too late' } },
    {
      id: 'each',
      uses: 'for-each',
      with: { items: [1] },
      on_error: 'continue',
      steps: [
        { ...ask, id: 'ask-in' },
        { ...call, id: 'call-in' },
        { id: 'in', uses: 'signal', with: { name: 'in', timeout: '300ms' } },
      ],
    },
    { id: 'hold', uses: 'signal', with: { name: 'go-on' } },
  ]);
  await untilWaiting(runId, 'hold');
  const statuses = async () => [...(await ofRun(runId)).map(({ status }) => status), ...(await statusOfChildren(runId))];
  await expect.poll(statuses, { timeout: 10_000 }).toEqual(['cancelled', 'cancelled', 'cancelled', 'cancelled']);
  for (const { id } of await ofRun(runId)) {
    await expect(decideApproval(tenant.ctx, { id, decision: 'approved' })).rejects.toThrow('The step that asked has ended');
  }
  await server.call('POST', `/api/v1/runs/${runId}/signals/go-on`, { key, body: {} });
  expect(await ended(runId)).toMatchObject({ status: 'succeeded', output: { call: 'too late' } });
});
