import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, testDatabase } from '@/server/db/testing';
import { keyOf, serveHttp, type TestServer } from '@/server/db/testing-http';
import { routes } from './api/routes';

let database: TestDatabase;
let server: TestServer;
let key: string;

beforeAll(async () => {
  database = await testDatabase();
  server = await serveHttp();
  key = await keyOf(await makeTenant());
});
afterAll(async () => {
  await server.close();
  await database.close();
});

it('leaves the paths of people to others', async () => {
  for (const path of ['/', '/acme/workflows', '/api/trpc/session.me', '/api/v10', '/hooks', '/healthzz'])
    expect((await server.call('GET', path)).status).toBe(418);
});

it('says whether it lives and whether it is ready, and why not', async () => {
  expect(await server.call('GET', '/healthz')).toMatchObject({ status: 200, json: { status: 'ok' } });
  expect(await server.call('GET', '/readyz')).toMatchObject({ status: 200, json: { status: 'ready' } });
  const [last] = await database.sql<{ migration_name: string }>('SELECT migration_name FROM _prisma_migrations ORDER BY migration_name DESC LIMIT 1');
  await database.sql('UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = $1', [last?.migration_name]);
  const behind = await server.call('GET', '/readyz');
  await database.sql('UPDATE _prisma_migrations SET finished_at = now() WHERE migration_name = $1', [last?.migration_name]);
  expect(behind).toMatchObject({ status: 503, json: { detail: expect.stringContaining(last?.migration_name ?? '') } });
});

it('counts requests for Prometheus', async () => {
  await server.call('GET', '/api/v1/nothing');
  const { text, headers } = await server.call('GET', '/metrics');
  expect(headers.get('content-type')).toContain('text/plain');
  expect(text).toMatch(/heddle_http_requests_total\{class="api",status="4xx"\} [1-9]/);
  expect(text).toMatch(/heddle_http_request_seconds_bucket\{le="0.01",class="system"\} \d/);
  expect(text).toContain('process_resident_memory_bytes');
});

it('describes every call in OpenAPI 3.1 with resolvable references', async () => {
  const { json, headers } = await server.call('GET', '/openapi.json');
  expect(json.openapi).toBe('3.1.0');
  for (const route of routes) expect(json.paths[route.path][route.method.toLowerCase()]).toMatchObject({ operationId: route.operationId });
  const refs = [...JSON.stringify(json).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map((m) => m[1] ?? '');
  expect(refs.length).toBeGreaterThan(5);
  for (const ref of refs) expect(json.components.schemas[ref], ref).toBeDefined();
  expect(JSON.stringify(json)).not.toContain('$defs');
  const again = await server.call('GET', '/openapi.json', { headers: { 'if-none-match': headers.get('etag') ?? '' } });
  expect([again.status, again.text]).toEqual([304, '']);
});

it('answers HEAD, OPTIONS and methods that nobody takes', async () => {
  expect(await server.call('HEAD', '/api/v1/workflows', { key })).toMatchObject({ status: 200, text: '' });
  const options = await server.call('OPTIONS', '/api/v1/workflows');
  expect([options.status, options.headers.get('allow'), options.headers.get('access-control-allow-origin')]).toEqual([204, 'POST, GET, HEAD, OPTIONS', null]);
  const refused = await server.call('DELETE', '/api/v1/workflows', { key });
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST, GET, HEAD, OPTIONS']);
  expect((await server.call('POST', '/healthz')).status).toBe(405);
  expect((await server.call('GET', '/api/v1')).status).toBe(404);
  expect((await server.call('POST', '/api/v1/nothing', { key, body: {} })).status).toBe(404);
});

it('guards its answers with headers', async () => {
  const { headers } = await server.call('GET', '/api/v1/workflows', { key });
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
});

it('answers 429 beyond what it works on at once, and takes up again', async () => {
  const busy = await serveHttp({ limits: { api: 1 } });
  const url = new URL('/api/v1/workflows', busy.url);
  // a request whose body never ends holds the only place
  const held = request(url, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'transfer-encoding': 'chunked' } });
  held.on('error', () => {});
  held.write('{');
  await expect.poll(async () => (await busy.call('GET', '/api/v1/workflows', { key })).status, { timeout: 5_000 }).toBe(429);
  const refused = await busy.call('GET', '/api/v1/workflows', { key });
  expect([refused.headers.get('retry-after'), refused.json.type]).toEqual(['1', 'urn:heddle:problem:overloaded']);
  held.destroy();
  await expect.poll(async () => (await busy.call('GET', '/api/v1/workflows', { key })).status, { timeout: 5_000 }).toBe(200);
  await busy.close();
});

it('holds a place until the answer is taken or its connection gone, not merely made', async () => {
  const busy = await serveHttp({ limits: { api: 1 } });
  const definition = { workflow: { name: 'endless', triggers: [{ event: 'endless' }], steps: [{ id: 'a' }] } };
  expect((await busy.call('POST', '/api/v1/workflows', { key, body: { definition } })).status).toBe(201);
  const { runId } = (await busy.call('POST', '/api/v1/events', { key, body: { type: 'endless', data: {} } })).json.runs[0];
  const socket = connect(Number(new URL(busy.url).port), '127.0.0.1').resume();
  const ask = (path: string) => socket.write(`GET /api/v1/${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\naccept: text/event-stream\r\n\r\n`);
  ask(`runs/${runId}/events`); // streams as long as the run waits for a worker, which gives its own place back
  await new Promise((resolve) => socket.once('data', resolve));
  expect((await busy.call('GET', '/api/v1/workflows', { key })).status).toBe(200);
  ask('workflows'); // made at once, and queued behind the stream
  const status = async () => (await busy.call('GET', '/api/v1/workflows', { key })).status;
  await expect.poll(status, { timeout: 5_000 }).toBe(429);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await status()).toBe(429);
  socket.destroy();
  await expect.poll(status, { timeout: 5_000 }).toBe(200);
  await busy.close();
});

it('shows of an unforeseen error its id alone', async () => {
  await database.sql('ALTER TABLE workflow RENAME TO workflow_gone');
  const answer = await server.call('GET', '/api/v1/workflows', { key });
  await database.sql('ALTER TABLE workflow_gone RENAME TO workflow');
  expect(answer).toMatchObject({ status: 500, json: { type: 'urn:heddle:problem:internal', requestId: expect.any(String) } });
  expect(answer.text).not.toMatch(/workflow|relation|prisma/i);
});

it('answers 503 while the database is away, and recovers', async () => {
  const name = new URL(database.ownerUrl).pathname.slice(1);
  await database.sql(`ALTER DATABASE ${name} WITH CONNECTION LIMIT 0`);
  await database.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename LIKE 'heddle%'`, [name]);
  const [api, ready] = [await server.call('GET', '/api/v1/workflows', { key }), await server.call('GET', '/readyz')];
  await database.sql(`ALTER DATABASE ${name} WITH CONNECTION LIMIT -1`);
  expect([api.status, api.headers.get('retry-after'), ready.status]).toEqual([503, '2', 503]);
  await expect.poll(async () => (await server.call('GET', '/api/v1/workflows', { key })).status, { timeout: 5_000 }).toBe(200);
});
