import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { type CallOptions, keyOf, serveHttp, type TestServer } from '@/server/db/testing-http';
import { startTestWorker, testServices } from '@/server/engine/testing';

let database: TestDatabase;
let tenant: TestTenant;
let server: TestServer;
let key: string;
let worker: Awaited<ReturnType<typeof startTestWorker>>;
let names = 0;

beforeAll(async () => {
  database = await testDatabase();
  tenant = await makeTenant();
  server = await serveHttp();
  key = await keyOf(tenant);
  worker = await startTestWorker(
    testServices({
      slow: ({ data }) => ({ slow: data }),
      fail: () => {
        throw new Error('secret detail');
      },
    }),
  );
});
afterAll(async () => {
  await worker.stop(0);
  await server.close();
  await database.close();
});

const echo = { id: 'echo', uses: 'transform', with: { value: '{{ input }}' } };

/** A published workflow with one webhook; `path` is where it is called. */
async function hook(webhook: object, steps: unknown[] = [echo], more: object = {}) {
  const workflow = { name: `hook-${++names}`, triggers: [{ webhook }], steps, ...more };
  const made = await server.call('POST', '/api/v1/workflows', { key, body: { definition: { workflow } } });
  expect(made.status, made.text).toBe(201);
  const { id } = made.json;
  const read = await server.call('GET', `/api/v1/workflows/${id}`, { key });
  const [trigger] = read.json.triggers;
  expect(trigger).toMatchObject({ type: 'webhook', url: expect.stringMatching(/^http:\/\/localhost:\d+\/hooks\/[A-Za-z0-9_-]{43}$/) });
  const path = new URL(trigger.url).pathname;
  return {
    id,
    path,
    workflow,
    call: (options: CallOptions & { method?: string; query?: string } = {}) => server.call(options.method ?? 'POST', path + (options.query ?? ''), options),
    publish: (changes: object) => server.call('PUT', `/api/v1/workflows/${id}`, { key, body: { definition: { workflow: { ...workflow, ...changes } } } }),
  };
}
const runOf = (id: string) => server.call('GET', `/api/v1/runs/${id}`, { key }).then((r) => r.json);

describe('a webhook', () => {
  it('answers 202 once the run is saved, and the run runs', async () => {
    const { call } = await hook({});
    const answer = await call({ body: { n: 1 } });
    expect([answer.status, answer.json]).toEqual([202, { runId: expect.any(String) }]);
    const [row] = await database.sql<{ trigger: string }>('SELECT trigger FROM run WHERE id = $1', [answer.json.runId]);
    expect(row?.trigger).toBe('webhook');
    await expect.poll(() => runOf(answer.json.runId).then((r) => r.status), { timeout: 5_000 }).toBe('succeeded');
  });

  it('hands on what was called, without secrets, with the fields of a JSON body by their own names', async () => {
    const { call } = await hook({ respond: 'last', method: 'ANY' });
    const headers = { authorization: 'Bearer hush', cookie: 'a=b', 'x-event': 'push' };
    const { json } = await call({ body: { order: 7 }, query: '?a=1&b=x%20y&b=2', headers });
    expect(json).toMatchObject({ order: 7, body: { order: 7 }, method: 'POST', path: '', query: { a: '1', b: ['x y', '2'] }, headers: { 'x-event': 'push' } });
    expect(JSON.stringify(json)).not.toMatch(/hush|a=b/);
    expect((await call({ method: 'GET' })).json).toMatchObject({ method: 'GET', body: null, query: {} });
    expect((await call({ body: 'a=1&b=2', headers: { 'content-type': 'application/x-www-form-urlencoded' } })).json.body).toEqual({ a: '1', b: '2' });
    expect((await call({ body: '{"a": 1}', headers: { 'content-type': 'application/x-www-form-urlencoded' } })).json.a).toBe(1); // curl -d
    expect((await call({ body: 'just text', headers: { 'content-type': 'text/plain' } })).json.body).toBe('just text');
    expect((await call({ body: '[1, 2]', headers: { 'content-type': 'text/plain' } })).json.body).toEqual([1, 2]);
  });

  it('refuses what cannot be stored safely', async () => {
    const { call } = await hook({ respond: 'last' });
    expect(await call({ body: '{"a":' })).toMatchObject({ status: 400 });
    expect(await call({ body: '{"__proto__": {"x": 1}}' })).toMatchObject({ status: 400 });
    expect(await call({ body: '{"__proto__": {"x": 1}}', headers: { 'content-type': 'text/plain' } })).toMatchObject({ status: 400 });
    expect(await call({ query: '?__proto__=1' })).toMatchObject({ status: 400 });
    expect(await call({ body: Buffer.from([0xc3, 0x28]) })).toMatchObject({ status: 400 });
    expect(await call({ body: `${'['.repeat(5_000)}1${']'.repeat(5_000)}` })).toMatchObject({ status: 400 });
    expect((await call({ body: { text: 'nul \u0000 and \ud800 alone' } })).json.text).toBe('nul \u0000 and \ud800 alone');
  });

  it('gives a workflow with an input schema the body alone, checked', async () => {
    const input = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false };
    const { call } = await hook({ respond: 'last' }, [echo], { input });
    expect(await call({ body: { n: 1 } })).toMatchObject({ status: 200, json: { n: 1 } });
    expect(await call({ body: { n: 'x' } })).toMatchObject({ status: 422, json: { errors: [{ path: expect.stringContaining('n') }] } });
    expect(await call()).toMatchObject({ status: 422 });
  });

  it('answers with the Respond step: its status, headers and body, and nothing that acts as Heddle', async () => {
    const respond = {
      id: 'answer',
      uses: 'respond',
      with: { status: 201, headers: { 'X-Made': 'yes', 'Content-Type': 'text/html', 'Content-Security-Policy': 'none' }, body: '<b>{{ input.n }}</b>' },
    };
    const { call } = await hook({ respond: 'last' }, [respond]);
    const answer = await call({ body: { n: 5 } });
    expect([answer.status, answer.text, answer.headers.get('x-made'), answer.headers.get('content-type')]).toEqual([201, '<b>5</b>', 'yes', 'text/html']);
    expect([answer.headers.get('content-security-policy'), answer.headers.get('x-content-type-options')]).toEqual(['sandbox', 'nosniff']);
  });

  it('answers with one step, and waits for a run that went to a worker', async () => {
    const steps = [
      { id: 'one', uses: 'transform', with: { value: { one: '{{ input.n }}' } } },
      { id: 'two', uses: 'transform', depends_on: ['one'], with: { value: 'two' } },
    ];
    const { call } = await hook({ respond: 'one' }, steps);
    expect((await call({ body: { n: 1 } })).json).toEqual({ one: 1 });
    const handed = await hook({ respond: 'last' }, [
      { id: 'a', uses: 'code', with: { source: 'slow' } },
      { id: 'b', uses: 'respond', depends_on: ['a'], with: { status: 203, body: '{{ data }}' } },
    ]);
    expect(await handed.call({ body: { n: 1 } })).toMatchObject({ status: 203, json: { slow: { n: 1 } } });
  });

  it('answers 500 with the run, and not its insides, when it failed', async () => {
    for (const step of [
      { id: 'a', uses: 'code', with: { source: 'fail' } },
      { id: 'a', uses: 'transform', with: { value: '{{ input.absent.secret }}' } },
    ]) {
      const { call } = await hook({ respond: 'last' }, [step]);
      const answer = await call({ body: {} });
      expect(answer).toMatchObject({ status: 500, json: { type: 'urn:heddle:problem:run_failed', title: 'Run failed', runId: expect.any(String) } });
      expect(answer.text).not.toContain('secret');
      expect((await runOf(answer.json.runId)).status).toBe('failed');
    }
  });

  it('takes its own method alone', async () => {
    const { call } = await hook({ method: 'PUT' });
    const refused = await call({ method: 'POST', body: {} });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'PUT, OPTIONS']);
    expect((await call({ method: 'PUT', body: {} })).status).toBe(202);
    expect((await call({ method: 'OPTIONS' })).status).toBe(204);
  });

  it('keeps its address over versions, runs the newest at once, and ends with the workflow', async () => {
    const { call, publish, path, id } = await hook({ respond: 'last' }, [{ id: 'v', uses: 'transform', with: { value: 'one' } }]);
    expect((await call({ body: {} })).json).toBe('one');
    for (const value of ['two', 'three', 'four']) {
      await publish({ steps: [{ id: 'v', uses: 'transform', with: { value } }] });
      expect((await call({ body: {} })).json).toBe(value);
    }
    await publish({ triggers: [{ schedule: { cron: '0 9 * * *' } }, { webhook: { respond: 'last', method: 'POST' } }] });
    const { json } = await server.call('GET', `/api/v1/workflows/${id}`, { key });
    expect(json.triggers).toMatchObject([
      { type: 'schedule', nextAt: expect.any(String) },
      { type: 'webhook', url: expect.stringContaining(path) },
    ]);
    await publish({ triggers: [] });
    expect((await call({ body: {} })).status).toBe(404);
    await publish({});
    expect((await call({ body: {} })).status).toBe(404); // a new trigger has a new address
  });

  it('does not tell unknown addresses apart', async () => {
    const { path } = await hook({});
    const unknown = await server.call('POST', `${path.slice(0, -1)}${path.endsWith('A') ? 'B' : 'A'}`, { body: {} });
    const nonsense = await server.call('POST', '/hooks/nonsense', { body: {} });
    expect([unknown.status, unknown.text]).toEqual([404, nonsense.text]);
  });

  it('does a call with an Idempotency-Key once', async () => {
    const { call, path } = await hook({ respond: 'last' }, [
      { id: 'a', uses: 'respond', with: { headers: { 'x-run': '{{ run.id }}' }, body: '{{ run.id }}' } },
    ]);
    const headers = { 'idempotency-key': 'k' };
    const [first, again] = [await call({ body: {}, headers }), await call({ body: {}, headers })];
    expect([again.status, again.text, again.headers.get('x-run')]).toEqual([200, first.text, first.text]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    for (const elsewhere of [`${path}?page=2`, `${path}/refunds`]) expect((await server.call('POST', elsewhere, { body: {}, headers })).status).toBe(422);
  });

  it('starts one run when the process died between the run and its answer', async () => {
    for (const respond of ['accepted', 'last', 'echo']) {
      const { call, id } = await hook({ respond });
      const headers = { 'idempotency-key': 'crash' };
      const first = await call({ body: { n: 1 }, headers });
      const [run] = await database.sql<{ id: string }>('SELECT id FROM run WHERE workflow_id = $1', [id]);
      await database.sql(`UPDATE idempotency_key SET status = NULL, response = $1, created_at = now() - interval '11 s' WHERE key = $2`, [
        run?.id,
        `hook ${id} crash`,
      ]);
      const again = await call({ body: { n: 1 }, headers });
      expect([again.status, again.text, again.headers.get('idempotency-replayed')]).toEqual([first.status, first.text, null]);
      expect(await database.sql('SELECT id FROM run WHERE workflow_id = $1', [id])).toHaveLength(1);
    }
  });

  it('takes many calls at once and saves every run', async () => {
    const { call, id } = await hook({ respond: 'last' });
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => call({ body: { n } })));
    expect(answers.map((a) => a.json?.n)).toEqual(Array.from({ length: 200 }, (_, n) => n));
    const [row] = await database.sql<{ n: string }>(`SELECT count(*) AS n FROM run WHERE workflow_id = $1 AND status = 'succeeded'`, [id]);
    expect(Number(row?.n)).toBe(200);
  });
});
