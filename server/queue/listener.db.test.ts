import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '@/server/db/testing';
import { resetEnv } from '@/server/env';
import { Listener } from './listener';

let database: TestDatabase;
let listener: Listener | undefined;
let server: Server | undefined;

beforeAll(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  await listener?.close();
  server?.close();
});
afterAll(() => database.close());

const connections = async (name: string) =>
  (await database.sql('SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()', [name])).length;
const allow = (yes: boolean) =>
  database.sql(`DO $$ BEGIN EXECUTE format('${yes ? 'GRANT' : 'REVOKE'} CONNECT ON DATABASE %I ${yes ? 'TO' : 'FROM'} PUBLIC', current_database()); END $$`);

it('a database that refuses at first is heard as soon as it comes', async () => {
  await allow(false);
  const heard: string[] = [];
  const look = vi.fn();
  listener = new Listener('late', { heddle_late: (payload) => heard.push(payload) }, look);
  await expect(listener.start()).rejects.toThrow(/permission denied/);
  await expect(listener.start()).rejects.toThrow(/permission denied/);
  await allow(true);
  await expect.poll(() => look.mock.calls.length, { timeout: 5_000 }).toBe(1);
  await listener.start();
  await database.sql(`SELECT pg_notify('heddle_late', 'hello')`);
  await expect.poll(() => heard).toEqual(['hello']);
  expect(await connections('heddle late')).toBe(1);
});

it('a connection that is cut comes back and tells its owner to look', async () => {
  const heard: string[] = [];
  const look = vi.fn();
  listener = new Listener('cut', { heddle_cut: (payload) => heard.push(payload) }, look);
  await listener.start();
  expect(look).not.toHaveBeenCalled();
  await database.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'heddle cut'`);
  await expect.poll(() => look.mock.calls.length, { timeout: 5_000 }).toBe(1);
  await listener.start();
  await database.sql(`SELECT pg_notify('heddle_cut', 'again')`);
  await expect.poll(() => heard).toEqual(['again']);
});

it('close() while it connects leaves no connection behind', async () => {
  listener = new Listener('brief', { heddle_brief: () => {} });
  const started = listener.start();
  started.catch(() => {});
  await listener.close();
  await expect(started).rejects.toThrow();
  await expect.poll(() => connections('heddle brief')).toBe(0);
  await expect(listener.start()).rejects.toThrow('closed');
});

it('close() does not wait for a server that says nothing', async () => {
  const sockets: Socket[] = [];
  server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  const { port } = server.address() as { port: number };
  resetEnv({ HEDDLE_ENGINE_DATABASE_URL: `postgresql://a:b@127.0.0.1:${port}/c` });
  listener = new Listener('mute', { heddle_mute: () => {} });
  listener.start().catch(() => {});
  await expect.poll(() => sockets.length).toBe(1);
  const before = Date.now();
  await listener.close();
  expect(Date.now() - before).toBeLessThan(2_000);
  for (const socket of sockets) socket.destroy();
});
