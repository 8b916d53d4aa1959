import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StepError } from '@/core/node/executor';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { keyOf, serveHttp, type TestServer } from '@/server/db/testing-http';
import { startTestWorker, testServices } from '@/server/engine/testing';

let database: TestDatabase;
let tenant: TestTenant;
let server: TestServer;
let key: string;
let worker: Awaited<ReturnType<typeof startTestWorker>>;
let broken = true;
const services = testServices({
  fail: () => {
    if (broken) throw new StepError('fell', 'the sky fell', { retryable: false });
    return 'mended';
  },
  count: ({ count }) => count,
});

beforeAll(async () => {
  database = await testDatabase();
  tenant = await makeTenant();
  server = await serveHttp();
  key = await keyOf(tenant);
  worker = await startTestWorker(services);
  for (const workflow of definitions) {
    const made = await server.call('POST', '/api/v1/workflows', { key, body: { definition: { workflow } } });
    expect(made.status, made.text).toBe(201);
  }
});
afterAll(async () => {
  await worker.stop(0);
  await server.close();
  await database.close();
});

const definitions = [
  {
    name: 'greet',
    input: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'], additionalProperties: false },
    steps: [{ id: 'hello', uses: 'transform', with: { value: { text: 'Hello {{ input.name }}' } } }],
  },
  {
    name: 'breaks',
    steps: [
      { id: 'once', uses: 'code', with: { source: 'count' } },
      { id: 'risky', uses: 'code', depends_on: ['once'], with: { source: 'fail' } },
    ],
  },
  { name: 'sleeps', steps: [{ id: 'nap', uses: 'delay', with: { for: '1h' } }] },
];
const post = (path: string, body?: unknown, headers = {}) => server.call('POST', `/api/v1${path}`, { key, body, headers });
const get = (path: string, headers = {}) => server.call('GET', `/api/v1${path}`, { key, headers });
const status = (id: string) => get(`/runs/${id}`).then((r) => r.json.status);

describe('runs over HTTP', () => {
  it('starts a run, waits for it, and shows its steps', async () => {
    const { json, status: code } = await post('/workflows/greet/runs?wait=20', { input: { name: 'Ada' } });
    expect([code, json]).toEqual([200, { runId: expect.any(String), status: 'succeeded', output: { text: 'Hello Ada' }, error: null }]);
    const run = await get(`/runs/${json.runId}`);
    expect(run.json).toMatchObject({
      id: json.runId,
      workflow: { slug: 'greet' },
      version: 1,
      status: 'succeeded',
      input: { name: 'Ada' },
      output: { text: 'Hello Ada' },
      error: null,
      startedAt: expect.any(String),
      finishedAt: expect.any(String),
      cost: 0,
      steps: [{ id: 'hello', path: 'hello', status: 'succeeded', attempts: 1, output: { text: 'Hello Ada' }, error: null }],
    });
  });

  it('answers 202 without wait, and when the wait is over before the run', async () => {
    const at = performance.now();
    const waited = await post('/workflows/sleeps/runs?wait=1', { input: {} });
    expect(performance.now() - at).toBeGreaterThan(900);
    const asked = await post('/workflows/sleeps/runs');
    for (const { status: code, json, headers } of [waited, asked]) {
      expect([code, json]).toEqual([202, { runId: expect.any(String) }]);
      expect(headers.get('location')).toBe(`/api/v1/runs/${json.runId}`);
    }
  });

  it('says where an input breaks the schema, and starts nothing', async () => {
    const [before] = await database.sql<{ n: string }>('SELECT count(*) AS n FROM run');
    const answer = await post('/workflows/greet/runs', { input: { name: 7 } });
    expect(answer).toMatchObject({ status: 422, json: { errors: [{ path: expect.stringContaining('name') }] } });
    expect(await post('/workflows/greet/runs', {})).toMatchObject({ status: 422 });
    expect(await post('/workflows/greet/runs', { input: { name: 'x' }, priority: 101 })).toMatchObject({
      status: 422,
      json: { errors: [{ path: 'priority' }] },
    });
    expect(await post('/workflows/greet/runs', { input: { name: 'x' }, version: 9 })).toMatchObject({ status: 404 });
    expect(await post('/workflows/greet/runs?wait=61', { input: { name: 'x' } })).toMatchObject({ status: 422, json: { errors: [{ path: 'wait' }] } });
    expect(await database.sql('SELECT count(*) AS n FROM run')).toEqual([before]);
  });

  it('takes an input of several megabytes and refuses more than ten', async () => {
    const big = 'x'.repeat(5_000_000);
    const { json } = await post('/workflows/sleeps/runs', { input: { name: big } });
    expect((await get(`/runs/${json.runId}`)).json.input.name).toHaveLength(5_000_000);
    expect((await post('/workflows/greet/runs', { input: { name: big + big + big } })).status).toBe(413);
  });

  it('cancels, and retries from where it failed without doing the rest again', async () => {
    const { json: sleeping } = await post('/workflows/sleeps/runs');
    await expect.poll(() => status(sleeping.runId), { timeout: 5_000 }).toBe('waiting');
    expect((await post(`/runs/${sleeping.runId}/retry`)).status).toBe(409);
    expect((await post(`/runs/${sleeping.runId}/cancel`)).status).toBe(202);
    await expect.poll(() => status(sleeping.runId), { timeout: 5_000 }).toBe('cancelled');

    const { json: failed } = await post('/workflows/breaks/runs?wait=20');
    expect(failed).toMatchObject({ status: 'failed', error: { step: 'risky', message: expect.stringContaining('the sky fell') } });
    broken = false;
    const { json: retried, status: code } = await post(`/runs/${failed.runId}/retry`);
    expect(code).toBe(202);
    await expect.poll(() => status(retried.runId), { timeout: 5_000 }).toBe('succeeded');
    expect(services.calls.get('count')).toBe(1);
    expect(await post(`/runs/${failed.runId}/retry`, { from: 'nowhere' })).toMatchObject({ status: 422, json: { errors: [{ path: 'from' }] } });
  });

  it('lists runs by workflow and status', async () => {
    const { json } = await get('/runs?workflow=breaks&status=failed,succeeded');
    expect(json.items.map((r: { status: string }) => r.status)).toEqual(['succeeded', 'failed']);
    expect((await get('/runs?status=odd')).status).toBe(422);
    const first = await get('/runs?limit=1');
    const second = await get(`/runs?limit=1&cursor=${first.json.nextCursor}`);
    expect(second.json.items[0].id < first.json.items[0].id).toBe(true);
  });

  it('hides the runs of others', async () => {
    const strange = await keyOf(await makeTenant());
    const { json } = await post('/workflows/greet/runs?wait=20', { input: { name: 'x' } });
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/events'],
      ['POST', '/cancel'],
      ['POST', '/retry'],
    ] as const) {
      const foreign = await server.call(method, `/api/v1/runs/${json.runId}${path}`, { key: strange });
      const absent = await server.call(method, `/api/v1/runs/019a0000-0000-7000-8000-000000000000${path}`, { key: strange });
      expect([foreign.status, foreign.text]).toEqual([404, absent.text]);
    }
    const stream = { accept: 'text/event-stream' };
    expect(await server.call('GET', `/api/v1/runs/${json.runId}/events`, { key: strange, headers: stream })).toMatchObject({ status: 404 });
    expect(await get('/runs/not-an-id')).toMatchObject({ status: 404 });
  });
});

describe('the log of a run', () => {
  const stream = { accept: 'text/event-stream' };
  const ids = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map((m) => Number(m[1]));

  it('is read as JSON in parts', async () => {
    const { json } = await post('/workflows/greet/runs?wait=20', { input: { name: 'x' } });
    const all = await get(`/runs/${json.runId}/events`);
    expect(all.json.items.at(-1)).toMatchObject({ type: 'run.succeeded' });
    expect(all.json.nextAfter).toBeNull();
    const part = await get(`/runs/${json.runId}/events?limit=1`);
    expect(part.json.nextAfter).toBe(part.json.items[0].seq);
    expect((await get(`/runs/${json.runId}/events?after=${part.json.nextAfter}`)).json.items).toEqual(all.json.items.slice(1));
  });

  it('streams from Last-Event-ID on, ends with the run, and tells a client that has it all to stay away', async () => {
    const { json } = await post('/workflows/greet/runs?wait=20', { input: { name: 'x' } });
    const whole = await get(`/runs/${json.runId}/events`, stream);
    expect(whole.headers.get('content-type')).toContain('text/event-stream');
    const seen = ids(whole.text);
    expect(seen).toEqual(seen.map((_, i) => i + 1));
    expect(whole.text).toMatch(/event: run\.succeeded\ndata: \{.*"type":"run.succeeded"/);
    const rest = await get(`/runs/${json.runId}/events`, { ...stream, 'last-event-id': '1' });
    expect(ids(rest.text)).toEqual(seen.slice(1));
    expect((await get(`/runs/${json.runId}/events`, { ...stream, 'last-event-id': String(seen.at(-1)) })).status).toBe(204);
    expect((await get(`/runs/${json.runId}/events`, { ...stream, 'last-event-id': 'x' })).status).toBe(400);
  });

  it('streams a run that is going on, live', async () => {
    const { json } = await post('/workflows/sleeps/runs');
    let text = '';
    const ended = new Promise<void>((resolve) => {
      request(new URL(`/api/v1/runs/${json.runId}/events`, server.url), { headers: { authorization: `Bearer ${key}`, ...stream } }, (res) => {
        res
          .setEncoding('utf8')
          .on('data', (chunk: string) => {
            text += chunk;
          })
          .on('end', resolve);
      }).end();
    });
    await expect.poll(() => text, { timeout: 5_000 }).toContain('event: step.waiting');
    expect(text).not.toContain('run.cancelled');
    await post(`/runs/${json.runId}/cancel`);
    await ended;
    expect(text).toContain('event: run.cancelled');
  });
});

describe('a stream', () => {
  it('ends when its key is revoked', async () => {
    const streaming = await keyOf(tenant, 'viewer');
    const { json } = await post('/workflows/sleeps/runs');
    const open = server.call('GET', `/api/v1/runs/${json.runId}/events`, { key: streaming, headers: { accept: 'text/event-stream' } });
    await expect.poll(() => status(json.runId), { timeout: 5_000 }).toBe('waiting');
    await database.sql(`UPDATE api_key SET revoked_at = now() WHERE organization_id = $1 AND role = 'viewer'`, [tenant.organizationId]);
    const at = performance.now();
    expect((await open).text).toContain('event: step.waiting');
    expect(performance.now() - at).toBeLessThan(9_000);
  });
});

describe('Idempotency-Key', () => {
  const count = async () => Number((await database.sql<{ n: string }>('SELECT count(*) AS n FROM run'))[0]?.n);
  const start = (idempotencyKey: string, name = 'x', query = '') =>
    post(`/workflows/greet/runs${query}`, { input: { name } }, { 'idempotency-key': idempotencyKey });

  it('gives a repeated request the first answer, also when both come at once', async () => {
    const before = await count();
    const first = await start('a', 'x', '?wait=20');
    const again = await start('a', 'x', '?wait=20');
    expect([again.status, again.text, again.headers.get('idempotency-replayed')]).toEqual([200, first.text, 'true']);
    const parallel = await Promise.all(Array.from({ length: 12 }, () => start('b')));
    const answers = new Set(parallel.filter((r) => r.status === 202).map((r) => r.text));
    expect(answers.size).toBe(1);
    expect(parallel.every((r) => r.status === 202 || r.status === 409)).toBe(true);
    expect((await start('b')).headers.get('location')).toMatch(/^\/api\/v1\/runs\//);
    expect(await count()).toBe(before + 2);
  });

  it('refuses another body, and lets a failed request be mended', async () => {
    await start('c');
    expect(await start('c', 'y')).toMatchObject({ status: 422, json: { type: 'urn:heddle:problem:idempotency_mismatch' } });
    const bad = await post('/workflows/greet/runs', { input: {} }, { 'idempotency-key': 'd' });
    expect(bad.status).toBe(422);
    expect((await start('d')).status).toBe(202);
    expect((await start('\u00e9')).status).toBe(400);
  });

  it('is each organization’s own, and ends after 24 hours', async () => {
    const strange = await keyOf(await makeTenant());
    const body = { definition: { workflow: { name: 'same', steps: [{ id: 'a' }] } } };
    const headers = { 'idempotency-key': 'e' };
    const [mine, theirs] = [await post('/workflows', body, headers), await server.call('POST', '/api/v1/workflows', { key: strange, body, headers })];
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.json.id).not.toBe(mine.json.id);
    await database.sql(`UPDATE idempotency_key SET created_at = now() - interval '25 hours'`);
    expect((await post('/workflows', body, headers)).status).toBe(409); // done again: the name is taken now
  });

  it('starts one run when the process died between the run and its answer', async () => {
    const first = await start('f');
    await database.sql(
      `UPDATE idempotency_key SET status = NULL, response = $1, created_at = now() - interval '11 s' WHERE key LIKE '% f' AND organization_id = $2`,
      [first.json.runId, tenant.organizationId],
    );
    const before = await count();
    expect((await start('f')).json).toEqual(first.json);
    expect(await count()).toBe(before);
  });
});
