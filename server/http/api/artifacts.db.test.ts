import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, get as httpGet, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createArtifacts } from '@/server/artifacts';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { keyOf, serveHttp, type TestServer } from '@/server/db/testing-http';
import { startTestWorker, testServices } from '@/server/engine/testing';
import { createEgress, type Egress } from '@/server/lib/egress';

describe('files of runs', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let server: TestServer;
  let key: string;
  let folder: string;
  let egress: Egress;
  let source: Server;
  let worker: Awaited<ReturnType<typeof startTestWorker>>;
  const large = randomBytes(1_000_000);
  const times = 24;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'heddle-artifacts-'));
    database = await testDatabase({ HEDDLE_BLOBS: folder });
    tenant = await makeTenant();
    server = await serveHttp();
    key = await keyOf(tenant);
    source = createServer((request, response) => {
      if (request.url === '/gone') return response.writeHead(410).end('it is gone');
      response.writeHead(200, {
        'content-type': 'application/pdf',
        'content-encoding': 'gzip',
        'content-disposition': `attachment; filename="x.pdf"; filename*=UTF-8''r%C3%A9sum%C3%A9%2F1.pdf`,
      });
      const zipped = createGzip();
      zipped.pipe(response);
      for (let i = 0; i < times; i++) zipped.write(large);
      zipped.end();
      return response;
    });
    await new Promise<void>((done) => source.listen(0, '127.0.0.1', done));
    egress = createEgress({ allow: ['127.0.0.0/8'] });
    worker = await startTestWorker({ ...testServices(), http: egress, artifacts: createArtifacts() });
  });
  afterAll(async () => {
    await worker.stop(0);
    await egress.close();
    source.closeAllConnections();
    source.close();
    await server.close();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const address = (path: string) => `http://127.0.0.1:${(source.address() as AddressInfo).port}${path}`;
  const get = (path: string, as = key) => server.call('GET', path, { key: as });
  async function run(name: string, steps: object[]) {
    const made = await server.call('POST', '/api/v1/workflows', { key, body: { definition: { workflow: { name, steps } } } });
    expect(made.status, made.text).toBe(201);
    return (await server.call('POST', `/api/v1/workflows/${name}/runs?wait=30`, { key, body: { input: {} } })).json;
  }
  /** the answer as bytes */
  function download(path: string, headers = {}): Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }> {
    return new Promise((resolve, reject) => {
      httpGet(server.url + path, { headers: { authorization: `Bearer ${key}`, ...headers } }, async (response) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) });
      }).on('error', reject);
    });
  }

  it('are written by steps, listed, and downloaded whole or in part, never shown as pages', async () => {
    const ended = await run('writes', [
      { id: 'page', uses: 'file', with: { name: '../evil/<b>.html', content: '<script>alert(1)</script>' } },
      { id: 'table', uses: 'file', with: { name: 'täble.csv', format: 'csv', content: [{ a: 1, b: 'x,y' }] } },
    ]);
    expect(ended.status, JSON.stringify(ended)).toBe('succeeded');
    const { json } = await get(`/api/v1/runs/${ended.runId}/artifacts`);
    expect(json.nextCursor).toBeNull();
    const [page, table] = ['page', 'table'].map((path) => json.items.find((i: { path: string }) => i.path === path));
    expect(page).toMatchObject({ name: '_evil_b_.html', contentType: 'text/html; charset=utf-8', size: 25, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const shown = await download(page.url);
    expect([shown.status, shown.body.toString()]).toEqual([200, '<script>alert(1)</script>']);
    expect(shown.headers).toMatchObject({
      'content-disposition': `attachment; filename="_evil_b_.html"; filename*=UTF-8''_evil_b_.html`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
      'cache-control': 'private, no-store',
    });
    expect((await download(table.url)).headers['content-disposition']).toBe(`attachment; filename="t_ble.csv"; filename*=UTF-8''t%C3%A4ble.csv`);
    const part = await download(page.url, { range: 'bytes=1-6' });
    expect([part.status, part.body.toString(), part.headers['content-range']]).toEqual([206, 'script', 'bytes 1-6/25']);
    expect((await download(page.url, { range: 'bytes=-3' })).body.toString()).toBe('pt>');
    expect((await download(page.url, { range: 'bytes=20-' })).body.toString()).toBe('ript>');
    expect((await download(page.url, { range: 'bytes=25-' })).status).toBe(416);
    expect((await download(page.url, { range: 'bytes=0-1,3-4' })).status).toBe(200);
    const first = await get(`/api/v1/runs/${ended.runId}/artifacts?limit=1`);
    const second = await get(`/api/v1/runs/${ended.runId}/artifacts?limit=1&cursor=${first.json.nextCursor}`);
    expect([...first.json.items, ...second.json.items]).toEqual(json.items);
  });

  it('take the answers of HTTP steps as they come, larger than any output', async () => {
    const ended = await run('fetches', [{ id: 'get', uses: 'http', with: { url: address('/large'), saveAsFile: true } }]);
    expect(ended.output, JSON.stringify(ended)).toMatchObject({
      status: 200,
      file: { name: 'résumé_1.pdf', size: large.length * times, contentType: 'application/pdf' },
    });
    expect(ended.output.body).toBeUndefined();
    const { body } = await download(ended.output.file.url);
    expect(body.equals(Buffer.concat(Array.from({ length: times }, () => large)))).toBe(true);
  });

  it('are kept whole or not at all', async () => {
    const before = await database.sql('SELECT count(*)::int AS n FROM blob');
    const tooLarge = await run('too-large', [{ id: 'get', uses: 'http', with: { url: address('/large'), saveAsFile: true, maxFileMegabytes: 5 } }]);
    expect(tooLarge).toMatchObject({ status: 'failed', error: { code: 'too_large' } });
    const gone = await run('gone', [{ id: 'get', uses: 'http', with: { url: address('/gone'), saveAsFile: true } }]);
    expect(gone).toMatchObject({ status: 'failed', error: { code: 'http_410', details: { status: 410, body: 'it is gone' } } });
    await database.sql('UPDATE storage_use SET limit_bytes = bytes + 3000000 WHERE organization_id = $1', [tenant.organizationId]);
    const full = await run('full', [{ id: 'get', uses: 'http', with: { url: address('/large'), saveAsFile: true } }]);
    expect(full).toMatchObject({ status: 'failed', error: { code: 'storage_full' } });
    await database.sql('UPDATE storage_use SET limit_bytes = NULL WHERE organization_id = $1', [tenant.organizationId]);
    for (const { runId } of [tooLarge, gone, full]) expect((await get(`/api/v1/runs/${runId}/artifacts`)).json.items).toEqual([]);
    expect(await database.sql('SELECT count(*)::int AS n FROM blob')).toEqual(before);
  });

  it('of a step that runs again are the same files with new content', async () => {
    const ended = await run('once', [{ id: 'a' }]);
    const step = { organizationId: tenant.organizationId, runId: ended.runId, path: 'a' };
    const save = (text: string) => createArtifacts().save(step, { name: 'a.txt', contentType: 'text/plain', content: Buffer.from(text) });
    const [one, two] = [await save('one'), await save('another')];
    expect(two).toMatchObject({ id: one.id, url: one.url, size: 7 });
    expect((await download(one.url)).body.toString()).toBe('another');
    expect(await database.sql('SELECT count(*)::int AS n FROM blob WHERE run_id = $1', [ended.runId])).toEqual([{ n: 1 }]);
  });

  it('of another organization answer exactly as absent ones', async () => {
    const ended = await run('mine', [{ id: 'f', uses: 'file', with: { name: 'a.txt', content: 'secret' } }]);
    const stranger = await keyOf(await makeTenant());
    const file = ended.output.id as string;
    const answers = [];
    for (const [runId, id] of [
      [ended.runId, file],
      [ended.runId, uuid()],
      [uuid(), uuid()],
      ['x', 'y'],
    ]) {
      const [list, content] = [await get(`/api/v1/runs/${runId}/artifacts`, stranger), await get(`/api/v1/runs/${runId}/artifacts/${id}`, stranger)];
      answers.push([list.status, list.text, content.status, content.text.replace('This run', 'This file')]);
    }
    expect(new Set(answers.map((a) => JSON.stringify(a))).size).toBe(1);
    expect(answers[0]?.[0]).toBe(404);
    expect((await get(`/api/v1/runs/${uuid()}/artifacts/${file}`)).status).toBe(404);
  });
});
