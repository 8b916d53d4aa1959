import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { keyOf, serveHttp, type TestServer } from '@/server/db/testing-http';
import { startTestWorker, testServices } from '@/server/engine/testing';

let database: TestDatabase;
let tenant: TestTenant;
let server: TestServer;
let key: string;
let worker: Awaited<ReturnType<typeof startTestWorker>>;

beforeAll(async () => {
  database = await testDatabase();
  tenant = await makeTenant();
  worker = await startTestWorker(testServices());
  server = await serveHttp();
  key = await keyOf(tenant);
  const steps = [
    { id: 'a', uses: 'transform', with: { value: 'A {{ input.n }}' } },
    { id: 'b', uses: 'transform', depends_on: ['a'], with: { value: '{{ data }}!' } },
  ];
  await post('/workflows', { definition: { workflow: { name: 'two', steps } } });
  await post('/workflows', { definition: { workflow: { name: 'rests', steps: [{ id: 'nap', uses: 'delay', with: { for: '1h' } }] } } });
});
afterAll(async () => {
  await worker.stop(0);
  await server.close();
  await database.close();
});

const post = (path: string, body?: unknown, headers: Record<string, string> = {}) => server.call('POST', `/api/v1${path}`, { key, body, headers });
const get = (path: string) => server.call('GET', `/api/v1${path}`, { key });
const status = async (id: string) => (await get(`/runs/${id}`)).json.status;

it('runs again from a step, forks, replays: each once under an Idempotency-Key', async () => {
  const { json: first } = await post('/workflows/two/runs?wait=20', { input: { n: 1 } });
  expect(first).toMatchObject({ status: 'succeeded', output: 'A 1!' });
  const rerun = await post(`/runs/${first.runId}/rerun`, { from: 'b', outputs: { a: 'edited' } }, { 'idempotency-key': 'r' });
  expect(rerun).toMatchObject({ status: 202, json: { kept: ['a'], again: ['b'] } });
  expect(rerun.headers.get('location')).toBe(`/api/v1/runs/${rerun.json.runId}`);
  expect((await post(`/runs/${first.runId}/rerun`, { from: 'b', outputs: { a: 'edited' } }, { 'idempotency-key': 'r' })).json).toEqual(rerun.json);
  await expect.poll(() => status(rerun.json.runId), { timeout: 10_000 }).toBe('succeeded');
  expect((await get(`/runs/${rerun.json.runId}`)).json).toMatchObject({ output: 'edited!', fork: { kind: 'rerun', kept: ['a'], edited: ['a'] } });
  const replay = await post(`/runs/${first.runId}/replay`);
  expect([replay.status, Object.keys(replay.json)]).toEqual([202, ['runId']]);
  expect(await post(`/runs/${first.runId}/fork`, { from: 'a', input: { n: 2 } })).toMatchObject({ status: 202, json: { kept: [], again: ['a', 'b'] } });
  expect(await post(`/runs/${first.runId}/rerun`, {})).toMatchObject({ status: 422, json: { errors: [{ path: 'from' }] } });
  expect(await post(`/runs/${first.runId}/pause`)).toMatchObject({ status: 409, json: { detail: expect.stringContaining('has ended') } });
});

it('pauses and resumes; cancels and retries many by a filter or ids', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) ids.push((await post('/workflows/rests/runs')).json.runId);
  for (const id of ids) await expect.poll(() => status(id), { timeout: 10_000 }).toBe('waiting');
  expect((await post(`/runs/${ids[0]}/pause`)).status).toBe(202);
  await expect.poll(async () => (await get('/runs?paused=true')).json.items.map((r: { id: string }) => r.id), { timeout: 10_000 }).toEqual([ids[0]]);
  expect((await post(`/runs/${ids[0]}/resume`)).status).toBe(202);
  await expect.poll(async () => (await get('/runs?paused=true')).json.items, { timeout: 10_000 }).toEqual([]);
  expect(await post('/runs/cancel', {})).toMatchObject({ status: 422 });
  const first = await post('/runs/cancel', { filter: { status: ['waiting'] }, limit: 2 });
  expect(first.json).toMatchObject({ done: 2, nextCursor: ids[1] });
  expect((await post('/runs/cancel', { filter: { status: ['waiting'] }, limit: 2, cursor: ids[1] })).json).toMatchObject({ done: 1, nextCursor: null });
  for (const id of ids) await expect.poll(() => status(id), { timeout: 10_000 }).toBe('cancelled');
  expect((await post('/runs/retry', { ids: ids.slice(0, 2) })).json).toMatchObject({ done: 2, failed: 0 });
  expect((await get('/runs?errorCode=nothing&from=2020-01-01T00:00:00Z')).json).toEqual({ items: [], nextCursor: null });
  expect((await get('/runs?from=yesterday')).status).toBe(422);
  const viewer = await keyOf(tenant, 'viewer');
  for (const path of [`/runs/${ids[0]}/pause`, '/runs/cancel', '/runs/retry', `/runs/${ids[0]}/fork`, '/circuits/reset']) {
    expect([path, (await server.call('POST', `/api/v1${path}`, { key: viewer, body: {} })).status]).toEqual([path, 403]);
  }
});

it('lists circuit breakers and resets one', async () => {
  await database.sql(`INSERT INTO circuit (organization_id, target, state, until) VALUES ($1, 'host:x.example.com', 'open', now() + interval '1 h')`, [
    tenant.organizationId,
  ]);
  expect((await get('/circuits')).json).toMatchObject({ items: [{ target: 'host:x.example.com', name: 'x.example.com', state: 'open' }] });
  expect(await post('/circuits/reset', { target: 'host:x.example.com' })).toMatchObject({ status: 200, json: { state: 'closed' } });
  expect(await post('/circuits/reset', { target: 'host:absent.example.com' })).toMatchObject({ status: 404 });
});
