import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { whenClosed } from '@/server/http/when-closed';
import { type ConnectionLimits, limitConnections } from './connection-limits';

const big = Buffer.alloc(32 * 1024 * 1024, 'x');
const servers: Server[] = [];
const clients: Socket[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A server with the limits; `ended` has the paths whose answers are done with, `cut` those whose connection broke first. */
async function serve(limits: ConnectionLimits) {
  const ended: string[] = [];
  const cut: string[] = [];
  const server = createServer((req, res) => {
    const path = req.url ?? '';
    void whenClosed(req, res).then(() => (res.writableFinished ? ended : cut).push(path));
    if (path.startsWith('/events')) res.write('data: 1\n\n');
    else if (path.startsWith('/big')) res.end(big);
    else res.end('ok');
  });
  limitConnections(server, { everyMs: 20, ...limits });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const open = (...paths: string[]) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    clients.push(socket);
    for (const path of paths) socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    return socket;
  };
  return { open, ended, cut, count: () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count))) };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it('cuts off who takes nothing, with all its queued answers, and leaves quiet connections alone', async () => {
  const { open, ended, cut, count } = await serve({ stallMs: 300 });
  open('/big', '/big-queued').pause();
  open('/events').resume();
  open('/idle').resume();
  await expect.poll(() => ended).toEqual(['/idle']);
  await pause(50);
  expect(cut).toEqual([]);
  await expect.poll(() => cut.toSorted(), { timeout: 3_000 }).toEqual(['/big', '/big-queued']);
  await pause(400);
  expect(await count()).toBe(2);
});

it('lets a slow reader of one large write finish as long as it takes something', async () => {
  const { open, ended, cut } = await serve({ stallMs: 500 });
  const slow = open('/big');
  const since = performance.now();
  slow.on('data', () => {
    slow.pause();
    setTimeout(() => slow.resume(), 4);
  });
  await expect.poll(() => [...ended, ...cut], { timeout: 15_000 }).toEqual(['/big']);
  expect(cut).toEqual([]);
  expect(performance.now() - since).toBeGreaterThan(500);
}, 20_000);

it('cuts off who is pending longest when too much is unsent', async () => {
  const { open, cut } = await serve({ stallMs: 60_000, unsentBytes: 80 * 1024 * 1024 });
  for (const path of ['/big1', '/big2']) {
    open(path).pause();
    await pause(100);
  }
  expect(cut).toEqual([]);
  open('/big3').pause();
  await expect.poll(() => cut, { timeout: 3_000 }).toEqual(['/big1']);
  await pause(100);
  expect(cut).toEqual(['/big1']);
});

it('bounds the connections of one address, those of this machine excepted', async () => {
  const near = await serve({ perAddress: 2 });
  for (let i = 0; i < 4; i++) near.open('/');
  await expect.poll(() => near.ended.length).toBe(4);
  const far = await serve({ perAddress: 2, uncapped: () => false });
  const first = far.open('/');
  far.open('/');
  await expect.poll(() => far.ended.length).toBe(2);
  await new Promise((resolve) => far.open('/refused').once('close', resolve));
  first.destroy();
  await expect.poll(far.count).toBe(1);
  far.open('/again');
  await expect.poll(() => far.ended).toEqual(['/', '/', '/again']);
});
