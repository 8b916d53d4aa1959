import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { issueSession } from '@/server/auth';
import { makeTenant, type TestDatabase, testDatabase } from '@/server/db/testing';
import { limitBody } from './limit-body';

let database: TestDatabase;
let cookie: string;
const server = createServer(async (req, res) => {
  if (!(await limitBody(req, res))) return;
  let size = 0;
  req.on('data', (chunk: Buffer) => {
    size += chunk.length;
  });
  req.on('end', () => res.end(String(size)));
});

beforeAll(async () => {
  database = await testDatabase();
  const session = await issueSession((await makeTenant()).userId);
  cookie = `${session.cookie.name}=${session.cookie.value}`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await database.close();
});

/** Sends without a length, piece by piece. */
const send = (bytes: number, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const req = request({ host: '127.0.0.1', port, method: 'POST', headers }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text }));
    });
    req.on('error', reject);
    for (let left = bytes; left > 0; left -= 65_536) req.write(Buffer.alloc(Math.min(left, 65_536)));
    req.end();
  });

it('lets strangers send a form, people a run input, and nobody more', async () => {
  expect(await send(60_000)).toEqual({ status: 200, text: '60000' });
  expect((await send(300_000)).status).toBe(413);
  expect(await send(9_000_000, { cookie })).toEqual({ status: 200, text: '9000000' });
  expect((await send(11_000_000, { cookie })).status).toBe(413);
  expect((await send(300_000, { cookie: cookie.slice(0, -4) })).status).toBe(413);
});
