import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { keyOf, serveHttp, type TestServer } from '@/server/db/testing-http';
import { publishEvent, replayEvents } from '@/server/events';

let database: TestDatabase;
let tenant: TestTenant;
let other: TestTenant;
let server: TestServer;
let key: string;
let otherKey: string;

beforeAll(async () => {
  database = await testDatabase();
  [tenant, other] = [await makeTenant('One'), await makeTenant('Two')];
  server = await serveHttp();
  [key, otherKey] = [await keyOf(tenant), await keyOf(other)];
  const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
  await make(key, 'one-part', ['order.*']);
  await make(key, 'any-parts', ['order.**', 'order.*']);
  await make(key, 'with-schema', ['order.created'], { input: schema, settings: { priority: 7 } });
  await make(key, 'elsewhere', ['invoice.*']);
  await make(otherKey, 'foreign', ['**']);
});
afterAll(async () => {
  await server.close();
  await database.close();
});

async function make(as: string, name: string, patterns: string[], more = {}) {
  const definition = { workflow: { name, triggers: patterns.map((event) => ({ event })), steps: [{ id: 'a' }], ...more } };
  const made = await server.call('POST', '/api/v1/workflows', { key: as, body: { definition } });
  expect(made.status).toBe(201);
  return made.json.id as string;
}
const send = (body: unknown, headers = {}, as = key) => server.call('POST', '/api/v1/events', { key: as, body, headers });
const slugs = (list: { workflow: { slug: string } }[]) => list.map((each) => each.workflow.slug);
const run = async (runId: string) =>
  (
    await database.sql<{ trigger: string; input: string; priority: number; queued: boolean }>(
      'SELECT trigger, input, priority, EXISTS (SELECT FROM run_queue q WHERE q.run_id = run.id) AS queued FROM run WHERE id = $1',
      [runId],
    )
  )[0];
const count = async (organizationId: string) =>
  Number((await database.sql<{ n: string }>('SELECT count(*) AS n FROM run WHERE organization_id = $1', [organizationId]))[0]?.n);

describe('events', () => {
  it('start a run of each workflow that waits for them, once, and none of another organization', async () => {
    const sent = await send({ type: 'order.created', subject: 'o-1', data: { n: 5 } });
    expect(sent.status).toBe(202);
    expect(slugs(sent.json.runs)).toEqual(['one-part', 'any-parts', 'with-schema']);
    expect(sent.json.leftOut).toEqual([]);
    const [whole, , bare] = await Promise.all(sent.json.runs.map((each: { runId: string }) => run(each.runId)));
    expect(whole).toMatchObject({ trigger: 'event', queued: true, priority: 0 });
    expect(JSON.parse(whole.input)).toEqual({ n: 5, type: 'order.created', subject: 'o-1', data: { n: 5 }, id: sent.json.id, at: expect.any(String) });
    expect(bare).toMatchObject({ priority: 7, input: '{"n":5}' });
    expect(slugs((await send({ type: 'order.created.eu', data: null })).json.runs)).toEqual(['any-parts']);
    expect((await send({ type: 'nothing.waits' })).json).toMatchObject({ runs: [], leftOut: [] });
    expect(await count(other.organizationId)).toBe(0);
    const before = await count(tenant.organizationId);
    expect(slugs((await send({ type: 'order.created' }, {}, otherKey)).json.runs)).toEqual(['foreign']);
    expect(await count(tenant.organizationId)).toBe(before);
  });

  it('leave out a workflow whose input schema they do not fit, and say why', async () => {
    const { json } = await send({ type: 'order.created', data: { n: 'many' } });
    expect(slugs(json.runs)).toEqual(['one-part', 'any-parts']);
    expect(json.leftOut).toEqual([{ workflow: { id: expect.any(String), slug: 'with-schema' }, reason: expect.stringContaining('input.n') }]);
  });

  it('happen once for an Idempotency-Key, even when the process died before it answered', async () => {
    const headers = { 'idempotency-key': 'e-1' };
    const [first, again] = [await send({ type: 'order.created' }, headers), await send({ type: 'order.created' }, headers)];
    expect([again.status, again.text, again.headers.get('idempotency-replayed')]).toEqual([202, first.text, 'true']);
    const before = await count(tenant.organizationId);
    const repeated = await publishEvent(tenant.ctx, { type: 'order.created' }, { id: first.json.id });
    expect([repeated.runs, repeated.leftOut.length]).toEqual([first.json.runs, 1]);
    expect(await count(tenant.organizationId)).toBe(before);
  });

  it('are listed, shown and replayed over HTTP', async () => {
    const sent = await send({ type: 'shown.thing', subject: 's-1', data: { n: 1 } });
    const list = await server.call('GET', '/api/v1/events?pattern=shown.*&limit=1', { key });
    expect([list.status, list.json]).toMatchObject([
      200,
      { items: [{ id: sent.json.id, type: 'shown.thing', subject: 's-1', data: { n: 1 } }], nextCursor: null },
    ]);
    const one = await server.call('GET', `/api/v1/events/${sent.json.id}`, { key });
    expect(one.json).toMatchObject({ id: sent.json.id, source: 'api', runs: [], leftOut: [], stopped: null, replays: [] });
    for (const id of [sent.json.id, 'nonsense']) expect((await server.call('GET', `/api/v1/events/${id}`, { key: otherKey })).status).toBe(404);
    const body = { from: '2020-01-01T00:00:00Z', pattern: 'shown.*', workflow: 'one-part' };
    const replay = () => server.call('POST', '/api/v1/events/replay', { key, body, headers: { 'idempotency-key': 'again' } });
    expect([(await replay()).json, (await replay()).status]).toEqual([{ events: 1, nextAfter: null }, 202]);
    // a process that died before it answered
    const [made] = await database.sql<{ id: string }>(`SELECT id FROM event WHERE replay_of = $1`, [sent.json.id]);
    expect(await replayEvents(tenant.ctx, { from: body.from, pattern: body.pattern }, { id: made?.id })).toEqual({ events: 1, nextAfter: null });
    expect(await database.sql(`SELECT FROM event WHERE replay_of = $1`, [sent.json.id])).toHaveLength(1);
    expect((await server.call('POST', '/api/v1/events/replay', { key, body: { ...body, workflow: 'absent' } })).status).toBe(404);
    expect((await server.call('GET', '/api/v1/events?cursor=x', { key })).status).toBe(422);
    const admin = await keyOf(tenant, 'admin');
    expect((await server.call('PUT', '/api/v1/events/settings', { key: admin, body: { keepRunEvents: true } })).json).toEqual({ keepRunEvents: true });
    expect((await server.call('GET', '/api/v1/events/settings', { key })).json).toEqual({ keepRunEvents: true });
    expect((await server.call('PUT', '/api/v1/events/settings', { key: await keyOf(tenant, 'editor'), body: { keepRunEvents: true } })).status).toBe(403);
  });

  it('follow what is published: a new pattern, a deleted workflow', async () => {
    const id = await make(key, 'changing', ['first.*']);
    const definition = { workflow: { name: 'changing', triggers: [{ event: 'second.*' }], steps: [{ id: 'a' }] } };
    await server.call('PUT', `/api/v1/workflows/${id}`, { key, body: { definition } });
    expect(slugs((await send({ type: 'first.x' })).json.runs)).toEqual([]);
    expect(slugs((await send({ type: 'second.x' })).json.runs)).toEqual(['changing']);
    await database.sql('UPDATE workflow SET deleted_at = now() WHERE id = $1', [id]);
    expect(slugs((await send({ type: 'second.x' })).json.runs)).toEqual([]);
  });

  it('are refused when they are not events, or the role may not', async () => {
    for (const type of ['Order', 'a..b', 'a.*', '', 'a b', `a${'.a'.repeat(100)}`, 5]) expect((await send({ type })).status, String(type)).toBe(422);
    expect((await send({ type: 'a', organizationId: other.organizationId })).status).toBe(422);
    expect((await send('{"type": "a", "data": {"__proto__": {}}}')).status).toBe(400);
    expect((await send({ type: 'a' }, {}, await keyOf(tenant, 'viewer'))).status).toBe(403);
    expect((await server.call('POST', '/api/v1/events', { body: { type: 'a' } })).status).toBe(401);
    expect(JSON.parse((await server.call('GET', '/openapi.json')).text).paths['/api/v1/events'].post.operationId).toBe('publishEvent');
  });
});
