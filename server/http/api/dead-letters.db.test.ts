import { afterAll, beforeAll, expect, it } from 'vitest';
import { StepError } from '@/core/node/executor';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { keyOf, serveHttp, type TestServer } from '@/server/db/testing-http';
import { startTestWorker, testServices } from '@/server/engine/testing';
import type { Worker } from '@/server/engine/worker';

let database: TestDatabase;
let tenant: TestTenant;
let server: TestServer;
let key: string;
let worker: Worker;
let broken = true;

beforeAll(async () => {
  database = await testDatabase();
  tenant = await makeTenant();
  server = await serveHttp();
  key = await keyOf(tenant);
  const fall = () => {
    if (broken) throw new StepError('fell', 'the sky fell');
    return 'mended';
  };
  worker = await startTestWorker(testServices({ fall }));
});
afterAll(async () => {
  await worker.stop(0);
  await server.close();
  await database.close();
});

const call = (method: string, path: string, body?: unknown, by = key) => server.call(method, `/api/v1${path}`, { key: by, ...(body ? { body } : {}) });

it('lists, shows, retries and discards dead letters', async () => {
  const steps = [{ id: 'risky', uses: 'code', with: { source: 'fall' }, retry: { attempts: 1, backoff: 'fixed', delay: '1ms' } }];
  await call('POST', '/workflows', { definition: { workflow: { name: 'falls', steps } } });
  for (let i = 0; i < 2; i++) await call('POST', '/workflows/falls/runs?wait=20', { input: { i } });
  const { json } = await call('GET', '/dead-letters?workflow=falls&q=sky');
  expect(json.items).toMatchObject([{ step: 'risky', code: 'fell', attempts: 2, reason: 'exhausted', status: 'open' }, { workflow: { slug: 'falls' } }]);
  const [second, first] = json.items;
  expect((await call('GET', `/dead-letters/${first.id}`)).json).toMatchObject({ run: { input: { i: 0 } }, failures: [{ attempt: 1 }, { attempt: 2 }] });

  const viewer = await keyOf(tenant, 'viewer');
  expect((await call('POST', '/dead-letters/retry', { ids: [first.id] }, viewer)).status).toBe(403);
  const stranger = await keyOf(await makeTenant());
  expect((await call('GET', `/dead-letters/${first.id}`, undefined, stranger)).text).toBe(
    (await call('GET', `/dead-letters/${first.runId}`, undefined, stranger)).text,
  );
  expect((await call('GET', '/dead-letters/nonsense')).status).toBe(404);
  expect(await call('POST', '/dead-letters/retry', {})).toMatchObject({ status: 422, json: { errors: [{ path: 'ids' }] } });

  expect((await call('POST', '/dead-letters/discard', { ids: [second.id] })).json).toEqual({ discarded: [second.id], remaining: 0 });
  broken = false;
  const retried = await call('POST', '/dead-letters/retry', { filter: { workflow: 'falls' } });
  expect(retried.json).toMatchObject({ retried: [{ id: first.id }], failed: [], remaining: 0 });
  await expect.poll(async () => (await call('GET', `/runs/${retried.json.retried[0].runId}`)).json.status, { timeout: 10_000 }).toBe('succeeded');
  expect((await call('GET', '/dead-letters?status=retried')).json.items).toMatchObject([{ id: first.id, retryRunId: retried.json.retried[0].runId }]);
});
