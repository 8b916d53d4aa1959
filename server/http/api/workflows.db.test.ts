import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { keyOf, serveHttp, type TestServer } from '@/server/db/testing-http';

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
});
afterAll(async () => {
  await server.close();
  await database.close();
});

const mission = `
workflow:
  name: data-pipeline
  steps:
    - id: fetch
      agent: analyst
      timeout: 30s
      retry: 3
    - id: validate
      depends_on: [fetch]
      condition: "data.valid == true"
`;
const steps = (list: unknown[], more = {}) => ({ definition: { workflow: { name: 'faulty', steps: list, ...more } } });
const create = (body: unknown, headers = {}) => server.call('POST', '/api/v1/workflows', { key, body, headers });

describe('workflows over HTTP', () => {
  it("takes the mission's sample, gives it back as AWL, and applying what was exported changes nothing", async () => {
    const made = await create({ definition: mission });
    expect(made.status).toBe(201);
    expect(made.json).toEqual({ id: expect.any(String), slug: 'data-pipeline', version: 1, warnings: [] });
    expect(made.headers.get('location')).toBe(`/api/v1/workflows/${made.json.id}`);
    const exported = await server.call('GET', `/api/v1/workflows/${made.json.id}?format=awl`, { key });
    expect(exported.headers.get('content-type')).toContain('yaml');
    const applied = await server.call('PUT', `/api/v1/workflows/${made.json.id}`, { key, body: { definition: exported.text } });
    expect(applied).toMatchObject({ status: 200, json: { version: 1, changed: false } });
    const changed = await server.call('PUT', `/api/v1/workflows/data-pipeline`, { key, body: { definition: exported.text.replace('30s', '20s') } });
    expect(changed).toMatchObject({ status: 200, json: { id: made.json.id, version: 2 } });
    expect((await server.call('GET', '/api/v1/workflows/data-pipeline', { key })).json).toMatchObject({ id: made.json.id, version: 2, triggers: [] });
    expect((await create({ definition: mission })).status).toBe(409);
  });

  it('takes the sample of the contract as it stands, warns of the step that is not there, and keeps its triggers', async () => {
    const sample = readFileSync('server/workflows/fixtures/contract.awl', 'utf8');
    const sampler = await keyOf(await makeTenant('Sample'));
    const made = await server.call('POST', '/api/v1/workflows', { key: sampler, body: { definition: sample } });
    expect(made).toMatchObject({ status: 201, json: { slug: 'data-pipeline', version: 1 } });
    const warnings = [{ path: 'workflow.steps[0].on_error.goto', message: expect.stringContaining('there is no step "alert"') }];
    expect(made.json.warnings).toEqual(warnings);
    const { json } = await server.call('GET', '/api/v1/workflows/data-pipeline', { key: sampler });
    expect(json.triggers).toMatchObject([
      { type: 'webhook', position: 0 },
      { type: 'schedule', position: 1 },
      { type: 'event', position: 2, settings: { pattern: 'order.*' } },
    ]);
    const exported = await server.call('GET', '/api/v1/workflows/data-pipeline?format=awl', { key: sampler });
    expect(exported.text).toContain('- event: order.*\n');
    const applied = await server.call('PUT', '/api/v1/workflows/data-pipeline', { key: sampler, body: { definition: exported.text } });
    expect(applied).toMatchObject({ status: 200, json: { version: 1, changed: false, warnings } });
  });

  it('names the place of every fault of a definition and writes nothing', async () => {
    const before = await database.sql('SELECT count(*) AS n FROM workflow');
    const faults: [unknown, string | RegExp][] = [
      [steps([{ id: 'a', uses: 'no-such-node' }]), /steps\[0\]/],
      [
        steps([
          { id: 'a', depends_on: ['b'] },
          { id: 'b', depends_on: ['a'] },
        ]),
        /cycle|circle|a.*b/i,
      ],
      [steps([{ id: 'a', depends_on: ['ghost'] }]), /ghost/],
      [
        steps([
          { id: 'a', uses: 'condition', with: { if: 'true' } },
          { id: 'b', depends_on: ['a.maybe'] },
        ]),
        /maybe/,
      ],
      [steps([{ id: 'a', uses: 'transform', with: { value: '{{ 1 + }}' } }]), /steps\[0\].*value/],
      [steps([{ id: 'a', condition: 'data.valid ==' }]), /steps\[0\].*condition/],
      [steps([{ id: 'a' }], { triggers: [{ schedule: { cron: 'at noon' } }] }), /triggers\[0\]/],
      [{ definition: 'workflow: [1, 2' }, ''],
      [{ definition: 'workflow:\n  name: x\n' }, /steps/],
    ];
    for (const [body, place] of faults) {
      const answer = await create(body);
      expect([answer.status, answer.headers.get('content-type')], JSON.stringify(body)).toEqual([422, 'application/problem+json; charset=utf-8']);
      expect(answer.json.errors.length).toBeGreaterThan(0);
      expect(answer.json.errors.map((e: { path: string; message: string }) => `${e.path} ${e.message}`).join('\n')).toMatch(place);
    }
    expect(await database.sql('SELECT count(*) AS n FROM workflow')).toEqual(before);
  });

  it('refuses bodies that are not what the call takes', async () => {
    expect(await create({ definition: mission, organizationId: other.organizationId })).toMatchObject({ status: 422 });
    expect(await create('{"definition": ')).toMatchObject({ status: 400, json: { type: 'urn:heddle:problem:malformed_json' } });
    expect(await create('')).toMatchObject({ status: 400 });
    expect(await create('{"definition": {"__proto__": {"workflow": 1}}}')).toMatchObject({
      status: 400,
      json: { detail: 'The key __proto__ is not allowed.' },
    });
    expect(await create(Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({ status: 400, json: { detail: 'The body is not UTF-8.' } });
    expect(await create({ definition: `workflow:\n  name: x\n  description: "${'x'.repeat(3_000_000)}"` })).toMatchObject({ status: 413 });
    expect(await create({ definition: { workflow: { name: 'nul', title: 'a\u0000b', steps: [{ id: 'a' }] } } })).toMatchObject({ status: 422 });
    expect(await create({ definition: `workflow:\n  name: "../x"\n  steps: [{id: a}]` })).toMatchObject({ status: 422 });
    expect(await create({ project: 'nowhere', definition: mission })).toMatchObject({ status: 404 });
  });

  it('answers for a foreign id, byte for byte, as for an absent one', async () => {
    const { json } = await server.call('POST', '/api/v1/workflows', { key: otherKey, body: { definition: mission } });
    for (const [method, path, body] of [
      ['GET', ''],
      ['GET', '?format=awl'],
      ['PUT', '', { definition: mission }],
      ['POST', '/runs', { input: {} }],
    ] as const) {
      const foreign = await server.call(method, `/api/v1/workflows/${json.id}${path}`, { key, body });
      const absent = await server.call(method, `/api/v1/workflows/019a0000-0000-7000-8000-000000000000${path}`, { key, body });
      expect([foreign.status, foreign.text]).toEqual([404, absent.text]);
    }
    const { json: page } = await server.call('GET', '/api/v1/workflows', { key });
    expect(page.items.map((w: { id: string }) => w.id)).not.toContain(json.id);
  });

  it('asks for a key that is valid, not revoked, and whose role may', async () => {
    for (const given of [undefined, 'nonsense', 'hdl_live_0000']) {
      const answer = await server.call('GET', '/api/v1/workflows', { key: given });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="Heddle"']);
    }
    const viewer = await keyOf(tenant, 'viewer');
    expect((await server.call('GET', '/api/v1/workflows', { key: viewer })).status).toBe(200);
    expect(await server.call('POST', '/api/v1/workflows', { key: viewer, body: { definition: mission } })).toMatchObject({ status: 403 });
    expect(await server.call('GET', '/api/v1/audit', { key: viewer })).toMatchObject({ status: 403 });
    await database.sql(`UPDATE api_key SET revoked_at = now() WHERE organization_id = $1 AND role = 'viewer'`, [tenant.organizationId]);
    await expect.poll(async () => (await server.call('GET', '/api/v1/workflows', { key: viewer })).status, { timeout: 5_000, interval: 200 }).toBe(401);
  });

  it('lists in pages and filters', async () => {
    const fresh = await makeTenant('Lists');
    const freshKey = await keyOf(fresh);
    for (const name of ['one', 'two', 'three']) {
      await server.call('POST', '/api/v1/workflows', { key: freshKey, body: { definition: { workflow: { name, steps: [{ id: 'a' }] } } } });
    }
    const seen: string[] = [];
    let cursor = '';
    do {
      const { json } = await server.call('GET', `/api/v1/workflows?limit=2${cursor && `&cursor=${cursor}`}`, { key: freshKey });
      seen.push(...json.items.map((w: { slug: string }) => w.slug));
      cursor = json.nextCursor ?? '';
    } while (cursor);
    expect(seen).toEqual(['three', 'two', 'one']);
    expect((await server.call('GET', '/api/v1/workflows?slug=two', { key: freshKey })).json.items).toMatchObject([{ slug: 'two', version: 1 }]);
    expect((await server.call('GET', '/api/v1/workflows?limit=0', { key: freshKey })).json.errors).toMatchObject([{ path: 'limit' }]);
    expect((await server.call('GET', '/api/v1/workflows?cursor=zzz', { key: freshKey })).status).toBe(422);
    expect((await server.call('GET', '/api/v1/workflows?colour=red', { key: freshKey })).status).toBe(422);
    const { json: log } = await server.call('GET', '/api/v1/audit?action=workflow.create&limit=2', { key: freshKey });
    expect(log.items).toMatchObject([{ action: 'workflow.create', actor: { type: 'apiKey' } }, { action: 'workflow.create' }]);
    expect(log.nextCursor).toEqual(expect.any(String));
  });
});
