import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { APIRequestContext } from '@playwright/test';
import { connect, makeAccount, makeKey } from './support/accounts';
import { expect, test } from './support/fixtures';

/** The sample of the mission, letter by letter. */
const missionSample = {
  workflow: {
    name: 'data-pipeline',
    steps: [
      { id: 'fetch', agent: 'analyst', timeout: '30s', retry: 3 },
      { id: 'validate', depends_on: ['fetch'], condition: 'data.valid == true' },
    ],
  },
};

const orders = `
workflow:
  name: orders
  title: Orders
  input: {type: object, properties: {total: {type: number}, customer: {type: string}}, required: [total]}
  triggers:
    - webhook: {method: POST, respond: last}
  steps:
    - id: check
      uses: condition
      with: {if: "input.total > 500"}
    - id: large
      uses: transform
      depends_on: [check.true]
      with: {value: {size: large, customer: "{{ default(input.customer, 'nobody') }}", total: "{{ input.total * 2 }}"}}
    - id: small
      uses: transform
      depends_on: [check.false]
      with: {value: {size: small, total: "{{ input.total }}"}}
    - id: done
      depends_on: [large, small]
`;

const heddle = (...args: string[]): Promise<{ stdout: string }> => {
  connect(); // the command finds the database by itself; this only checks that there is one
  const env = { ...process.env, HEDDLE_HOME: process.env.HEDDLE_E2E_HOME };
  for (const name of ['DATABASE_URL', 'HEDDLE_SECRET'] as const) delete (env as Record<string, string | undefined>)[name];
  return promisify(execFile)(process.execPath, ['bin/heddle', ...args], { env });
};

async function client(key: string, playwright: { request: { newContext: (o: object) => Promise<APIRequestContext> } }): Promise<APIRequestContext> {
  return playwright.request.newContext({ baseURL: process.env.HEDDLE_E2E_URL, extraHTTPHeaders: { authorization: `Bearer ${key}` } });
}

test('heddle bootstrap makes the first owner and a key that works, and does so once', async ({ playwright }) => {
  const args = ['bootstrap', '--email', `boot-${Date.now()}@example.com`, '--password', 'correct horse battery staple', '--org', 'Bootstrapped', '--json'];
  const first = JSON.parse((await heddle(...args)).stdout) as { organization: string; project: string; apiKey: string };
  expect(first.apiKey).toMatch(/^hdl_live_[0-9A-Za-z]+$/);
  const again = JSON.parse((await heddle(...args)).stdout) as { organization: string; apiKey: string };
  expect(again.organization).toBe(first.organization);
  for (const key of [first.apiKey, again.apiKey]) {
    const api = await client(key, playwright);
    expect((await api.get('/api/v1/workflows')).status()).toBe(200);
  }
});

test('a workflow is posted, run, waited for and read back', async ({ playwright }) => {
  const api = await client(await makeKey(await makeAccount()), playwright);
  const posted = await api.post('/api/v1/workflows', { data: { definition: orders } });
  expect(posted.status(), await posted.text()).toBe(201);
  const workflow = (await posted.json()) as { id: string; slug: string; version: number };
  expect(workflow).toMatchObject({ slug: 'orders', version: 1 });

  const ran = await api.post(`/api/v1/workflows/${workflow.id}/runs?wait=20`, { data: { input: { total: 700, customer: 'Ada' } } });
  expect(ran.status(), await ran.text()).toBe(200);
  const result = (await ran.json()) as { runId: string };
  expect(result).toMatchObject({ status: 'succeeded', output: { size: 'large', customer: 'Ada', total: 1400 } });

  const run = await (await api.get(`/api/v1/runs/${result.runId}`)).json();
  expect(run).toMatchObject({ id: result.runId, version: 1, status: 'succeeded', input: { total: 700, customer: 'Ada' } });
  const status = Object.fromEntries(run.steps.map((s: { id: string; status: string }) => [s.id, s.status]));
  expect(status).toEqual({ check: 'succeeded', large: 'succeeded', small: 'skipped', done: 'succeeded' });

  const log = await (await api.get(`/api/v1/runs/${result.runId}/events`)).json();
  expect(JSON.stringify(log)).toContain('run.succeeded');

  const refused = await api.post(`/api/v1/workflows/${workflow.id}/runs`, { data: { input: { total: 'many' } } });
  expect(refused.status()).toBe(422);
  expect((await refused.json()).errors[0]).toMatchObject({ path: expect.stringContaining('total'), message: expect.any(String) });
});

test("the mission's own sample is accepted as it stands and its run ends", async ({ playwright }) => {
  const api = await client(await makeKey(await makeAccount()), playwright);
  const posted = await api.post('/api/v1/workflows', { data: { definition: missionSample } });
  expect(posted.status(), await posted.text()).toBe(201);
  const { id } = await posted.json();
  const ran = await api.post(`/api/v1/workflows/${id}/runs?wait=20`, { data: { input: {} } });
  expect(ran.status(), await ran.text()).toBe(200);
  const { runId, status } = await ran.json();
  expect(['succeeded', 'failed']).toContain(status);
  const run = await (await api.get(`/api/v1/runs/${runId}`)).json();
  expect(run.steps.find((s: { id: string }) => s.id === 'fetch')).toMatchObject({ status: 'succeeded', attempts: 1 });
});

test('what was exported and applied again changes nothing', async ({ playwright }) => {
  const api = await client(await makeKey(await makeAccount()), playwright);
  const { id } = await (await api.post('/api/v1/workflows', { data: { definition: orders } })).json();
  const text = await (await api.get(`/api/v1/workflows/${id}?format=awl`)).text();
  expect(text).toContain('name: orders');
  const put = await api.put(`/api/v1/workflows/${id}`, { data: { definition: text } });
  expect(put.status(), await put.text()).toBe(200);
  expect(await (await api.get(`/api/v1/workflows/${id}?format=awl`)).text()).toBe(text);
  expect((await (await api.get(`/api/v1/workflows/${id}`)).json()).version).toBe(1);
});

test('a webhook answers with what its workflow made', async ({ playwright, request }) => {
  const api = await client(await makeKey(await makeAccount()), playwright);
  const { id } = await (await api.post('/api/v1/workflows', { data: { definition: orders } })).json();
  const workflow = (await (await api.get(`/api/v1/workflows/${id}`)).json()) as { triggers: { type: string; url?: string }[] };
  const url = workflow.triggers.find((t) => t.type === 'webhook')?.url;
  expect(url).toContain('/hooks/');
  const answer = await request.post(url ?? '', { data: { total: 20 } });
  expect(answer.status(), await answer.text()).toBe(200);
  expect(await answer.json()).toEqual({ size: 'small', total: 20 });
  expect(
    (
      await request.post(
        (url ?? '').replace(/.$/, (c) => (c === 'a' ? 'b' : 'a')),
        { data: {} },
      )
    ).status(),
  ).toBe(404);
});

test('faults of a definition are answered with their places, and nothing is written', async ({ playwright }) => {
  const api = await client(await makeKey(await makeAccount()), playwright);
  const before = JSON.stringify(await (await api.get('/api/v1/workflows')).json());
  const wrong: [name: string, definition: unknown, place: RegExp][] = [
    ['unknown node type', { workflow: { name: 'w', steps: [{ id: 'a', uses: 'teleport' }] } }, /steps\[0\]/],
    [
      'cycle',
      {
        workflow: {
          name: 'w',
          steps: [
            { id: 'a', depends_on: ['b'] },
            { id: 'b', depends_on: ['a'] },
          ],
        },
      },
      /steps/,
    ],
    ['expression', { workflow: { name: 'w', steps: [{ id: 'a', condition: '1 +' }] } }, /steps\[0\]\.condition/],
    ['unknown dependency', { workflow: { name: 'w', steps: [{ id: 'a', depends_on: ['ghost'] }] } }, /steps\[0\]/],
    ['not YAML', 'workflow: [', /./],
    ['prototype key', '{"workflow": {"name": "w", "__proto__": {"x": 1}, "steps": [{"id": "a"}]}}', /./],
  ];
  for (const [name, definition, place] of wrong) {
    const answer = await api.post('/api/v1/workflows', { data: { definition } });
    expect(answer.status(), name).toBe(422);
    const body = (await answer.json()) as { errors: { path: string; message: string }[] };
    expect(body.errors.length, name).toBeGreaterThan(0);
    expect(body.errors.map((e) => `${e.path}: ${e.message}`).join('\n'), name).toMatch(place);
  }
  expect(JSON.stringify(await (await api.get('/api/v1/workflows')).json())).toBe(before);
});

test('a repeated request with the same Idempotency-Key starts one run', async ({ playwright }) => {
  const api = await client(await makeKey(await makeAccount()), playwright);
  const { id } = await (await api.post('/api/v1/workflows', { data: { definition: orders } })).json();
  const start = (total: number) => api.post(`/api/v1/workflows/${id}/runs`, { data: { input: { total } }, headers: { 'idempotency-key': 'order-1' } });
  const [one, two] = [await start(1), await start(1)];
  expect(one.status()).toBe(202);
  expect(await two.json()).toEqual(await one.json());
  expect((await start(2)).status(), 'the same key with another body').toBeGreaterThanOrEqual(400);
});

test('keys and organizations are kept apart', async ({ playwright, request }) => {
  const mine = await client(await makeKey(await makeAccount()), playwright);
  const theirs = await client(await makeKey(await makeAccount('Grace Hopper', 'Compilers')), playwright);
  const { id } = await (await mine.post('/api/v1/workflows', { data: { definition: orders } })).json();
  const foreign = await theirs.get(`/api/v1/workflows/${id}`);
  const absent = await theirs.get('/api/v1/workflows/01890000-0000-7000-8000-000000000000');
  expect([foreign.status(), absent.status()]).toEqual([404, 404]);
  const masked = async (r: typeof foreign): Promise<string> => (await r.text()).replaceAll(id, 'ID').replaceAll('01890000-0000-7000-8000-000000000000', 'ID');
  expect(await masked(foreign)).toBe(await masked(absent));
  expect((await request.get('/api/v1/workflows')).status()).toBe(401);
  expect((await request.get('/api/v1/workflows', { headers: { authorization: 'Bearer hdl_live_nonsense' } })).status()).toBe(401);
});

test('a key of a viewer reads and does not write', async ({ playwright }) => {
  const account = await makeAccount();
  const owner = await client(await makeKey(account), playwright);
  const viewer = await client(await makeKey(account, 'viewer'), playwright);
  const { id } = await (await owner.post('/api/v1/workflows', { data: { definition: orders } })).json();
  expect((await viewer.get(`/api/v1/workflows/${id}`)).status()).toBe(200);
  const refused = await viewer.post(`/api/v1/workflows/${id}/runs`, { data: { input: { total: 1 } } });
  expect(refused.status()).toBe(403);
  expect(refused.headers()['content-type']).toContain('application/problem+json');
});

test('health, metrics and the API document are there', async ({ request }) => {
  expect((await request.get('/healthz')).status()).toBe(200);
  expect((await request.get('/readyz')).status()).toBe(200);
  expect(await (await request.get('/metrics')).text()).toContain('# TYPE');
  const document = await (await request.get('/openapi.json')).json();
  expect(document.openapi).toMatch(/^3\.1/);
  expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/api/v1/workflows', '/api/v1/runs/{id}']));
});
