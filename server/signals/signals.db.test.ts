import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { keyOf, serveHttp, type TestServer } from '@/server/db/testing-http';
import { startRun } from '@/server/runs';
import { createWorkflow } from '@/server/workflows';
import { callbackToken } from './callback-token';
import { callbackUrl, getCallbackUrl, sendSignal } from './index';

const steps = [
  { id: 'wait', uses: 'signal', with: { name: 'paid' } },
  { id: 'call-me', uses: 'callback', with: {} },
  { id: 'each', uses: 'for-each', with: { items: '{{ [1] }}' }, steps: [{ id: 'inner', uses: 'callback', with: {} }] },
];
let database: TestDatabase;
let tenant: TestTenant;
let server: TestServer;
let key: string;
let workflowId: string;
beforeAll(async () => {
  database = await testDatabase();
  tenant = await makeTenant();
  server = await serveHttp();
  key = await keyOf(tenant, 'operator');
  workflowId = (await createWorkflow(tenant.ctx, { definition: { workflow: { name: 'waiting', steps } } })).id;
});
afterAll(async () => {
  await server.close();
  await database.close();
});

const newRun = async () => (await startRun(tenant.ctx, { workflowId, source: 'draft' })).runId;
const end = (runId: string) => database.sql(`UPDATE run SET status = 'succeeded' WHERE id = $1`, [runId]);
const mailOf = async (runId: string) =>
  (await database.sql<{ kind: string; payload: string }>('SELECT kind, payload FROM run_inbox WHERE run_id = $1 ORDER BY id', [runId])).map(
    ({ kind, payload }) => ({ kind, ...JSON.parse(payload) }),
  );

describe('a signal', () => {
  const send = (runId: string, name: string, options: object = {}) => server.call('POST', `/api/v1/runs/${runId}/signals/${name}`, { key, ...options });

  it('reaches the run with its data and who sent it', async () => {
    const runId = await newRun();
    const answer = await send(runId, 'paid', { body: { amount: 5 } });
    expect([answer.status, answer.json]).toEqual([202, { runId, name: 'paid' }]);
    await send(runId, 'plain', { body: '"just text"' });
    await send(runId, 'nothing');
    const by = 'test operator';
    expect((await mailOf(runId)).sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { kind: 'signal', name: 'nothing', data: {}, by },
      { kind: 'signal', name: 'paid', data: { amount: 5 }, by },
      { kind: 'signal', name: 'plain', data: 'just text', by },
    ]);
    const [entry] = await database.sql(`SELECT details FROM audit_event WHERE action = 'run.signal' AND target_id = $1 AND details->>'name' = 'paid'`, [runId]);
    expect(entry).toEqual({ details: { name: 'paid' } });
  });

  it('is sent once with an Idempotency-Key, also when the process died over it', async () => {
    const runId = await newRun();
    const headers = { 'idempotency-key': 'pay-1' };
    await send(runId, 'paid', { body: { n: 1 }, headers });
    expect((await send(runId, 'paid', { body: { n: 1 }, headers })).headers.get('idempotency-replayed')).toBe('true');
    const id = uuid();
    await sendSignal(tenant.ctx, { runId, name: 'twice' }, { id });
    await sendSignal(tenant.ctx, { runId, name: 'twice' }, { id });
    expect((await mailOf(runId)).map(({ name }) => name).sort()).toEqual(['paid', 'twice']);
  });

  it('for a run that has ended is refused, and disturbs nothing', async () => {
    const runId = await newRun();
    await end(runId);
    expect(await send(runId, 'paid', { body: {} })).toMatchObject({
      status: 409,
      json: { detail: 'This run has ended (succeeded): nobody waits for a signal any more.' },
    });
    expect(await mailOf(runId)).toEqual([]);
    expect(await send(uuid(), 'paid', { body: {} })).toMatchObject({ status: 404 });
    expect(await send('nonsense', 'paid', { body: {} })).toMatchObject({ status: 404 });
  });

  it('is refused when its name is Heddle’s own, its data too large or its sender may not', async () => {
    const runId = await newRun();
    for (const name of ['$approval%2Fwait', encodeURIComponent('$callback/call-me'), 'a%20b', '%E0'])
      expect((await send(runId, name, { body: {} })).status, name).toBe(422);
    expect((await send(runId, 'paid', { body: { text: 'x'.repeat(1_048_576) } })).status).toBe(413);
    expect((await send(runId, 'paid', { body: '{"__proto__": 1}' })).status).toBe(400);
    expect((await send(runId, 'paid', { body: {}, key: await keyOf(tenant, 'viewer') })).status).toBe(403);
    expect((await send(runId, 'paid', { body: {}, key: await keyOf(await makeTenant()) })).status).toBe(404);
    expect(await mailOf(runId)).toEqual([]);
  });

  it('waits when the run has not read a thousand others', async () => {
    const runId = await newRun();
    await database.sql(`INSERT INTO run_inbox (organization_id, run_id, id, kind) SELECT $1, $2, gen_random_uuid(), 'signal' FROM generate_series(1, 1000)`, [
      tenant.organizationId,
      runId,
    ]);
    const answer = await send(runId, 'paid', { body: {} });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '5']);
  });
});

describe('a callback', () => {
  const urlOf = (runId: string, step = 'call-me') => new URL(`${callbackUrl(tenant.organizationId, runId)}/${step}`).pathname;
  const call = (path: string, options: object = {}, method = 'POST') => server.call(method, path, options);

  it('hands on what was sent, without secrets, and counts once for each step', async () => {
    const runId = await newRun();
    const headers = { authorization: 'Bearer hush', 'x-kind': 'big' };
    const answer = await call(`${urlOf(runId)}?a=1`, { body: { done: true }, headers });
    expect([answer.status, answer.json]).toEqual([202, { accepted: true }]);
    expect((await call(urlOf(runId), { body: { done: 'again' } })).status).toBe(202);
    const [mail, ...more] = await mailOf(runId);
    expect(more).toEqual([]);
    expect(mail).toMatchObject({
      kind: 'signal',
      name: '$callback/call-me',
      data: { method: 'POST', query: { a: '1' }, headers: { 'x-kind': 'big' }, body: { done: true } },
    });
    expect(JSON.stringify(mail)).not.toContain('hush');
  });

  it('takes forms, text, GET and PUT, and steps in loops', async () => {
    const bodies = async (options: object, method?: string) => {
      const runId = await newRun();
      expect((await call(urlOf(runId), options, method)).status).toBe(202);
      return (await mailOf(runId))[0].data.body;
    };
    expect(await bodies({ body: 'a=1&b=2', headers: { 'content-type': 'application/x-www-form-urlencoded' } })).toEqual({ a: '1', b: '2' });
    expect(await bodies({ body: 'plain', headers: { 'content-type': 'text/plain' } }, 'PUT')).toBe('plain');
    expect(await bodies({}, 'GET')).toBeNull();
    const runId = await newRun();
    expect((await call(`${urlOf(runId, 'inner')}?i=3&ok=1`, { body: {} })).status).toBe(202);
    expect((await call(`${urlOf(runId, 'inner')}?i=3,0`, { body: {} })).status).toBe(202);
    const names = (await mailOf(runId)).map(({ name, data }) => [name, data.query]);
    expect(names.sort()).toEqual([
      ['$callback/inner[3]', { ok: '1' }],
      ['$callback/inner[3][0]', {}],
    ]);
  });

  it('answers everything unknown alike, and 409 when the run has ended', async () => {
    const runId = await newRun();
    const other = await makeTenant();
    const wrong = [
      '/callbacks/nonsense/call-me',
      '/callbacks//call-me',
      urlOf(runId, 'wait'),
      urlOf(runId, 'nothing'),
      urlOf(runId, ''),
      urlOf(runId, '%E0'),
      `${urlOf(runId)}/more`,
      `${urlOf(runId)}?i=x`,
      urlOf(uuid()),
      `/callbacks/${callbackToken(other.organizationId, runId)}/call-me`,
      `/callbacks/${callbackToken(tenant.organizationId, runId).slice(0, -1)}_/call-me`,
    ];
    const answers = await Promise.all(wrong.map((path) => call(path, { body: {} })));
    for (const [i, { status, text }] of answers.entries()) expect([wrong[i], status, text]).toEqual([wrong[i], 404, answers[0]?.text]);
    expect((await call(urlOf(runId), {}, 'DELETE')).status).toBe(405);
    expect((await call(urlOf(runId), { body: '{"__proto__": 1}' })).status).toBe(400);
    expect((await call(urlOf(runId), { body: 'x'.repeat(1_048_577), headers: { 'content-type': 'text/plain' } })).status).toBe(413);
    expect(await mailOf(runId)).toEqual([]);
    await end(runId);
    expect((await call(urlOf(runId), { body: {} })).status).toBe(409);
  });

  it('has an address for whoever may send signals', async () => {
    const runId = await newRun();
    const url = callbackUrl(tenant.organizationId, runId);
    expect(await getCallbackUrl(tenant.contextAs('operator'), { runId, path: 'inner[3][0]' })).toEqual({ url: `${url}/inner?i=3,0` });
    await expect(getCallbackUrl(tenant.contextAs('viewer'), { runId, path: 'call-me' })).rejects.toThrow('run:signal');
  });
});
