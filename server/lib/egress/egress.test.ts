import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerSecret } from '../registered-secrets';
import { createEgress, type Egress, type EgressRequest } from './egress';

let server: Server;
let port: number;
let seen: IncomingMessage[] = [];
let open: Egress;
let closed: Egress;
const names: Record<string, string[]> = {
  'good.test': ['127.0.0.1'],
  'other.test': ['127.0.0.1'],
  'mixed.test': ['93.184.216.34', '10.0.0.1'],
  'metadata.test': ['169.254.169.254'],
  'mapped.test': ['::ffff:127.0.0.1'],
};
const lookup = ((name: string, _options: unknown, callback: (error: Error | null, addresses?: { address: string; family: number }[]) => void) => {
  const found = names[name];
  if (!found) return callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
  callback(
    null,
    found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  );
}) as never;

const trickled = randomBytes(100_000);
const answers: Record<string, (req: IncomingMessage, res: ServerResponse) => void> = {
  '/trickle': (_q, r) => {
    const all = Buffer.concat([trickled.subarray(0, 40_000), Buffer.from('crm-secret'), trickled.subarray(40_000)]);
    for (const [from, to] of [
      [0, 39_990],
      [39_990, 40_003],
      [40_003, 40_007],
      [40_007, all.length],
    ])
      r.write(all.subarray(from, to));
    r.end();
  },
  '/slow-body': (_q, r) => r.write('begins'),
  '/ok': (_q, r) => r.setHeader('content-type', 'text/plain').end('fine'),
  '/data/set.json': (_q, r) => r.end('{"own":true}'),
  '/gzip': (_q, r) => r.setHeader('content-encoding', 'gzip').end(gzipSync('packed')),
  '/br': (_q, r) => r.setHeader('content-encoding', 'br').end(brotliCompressSync('packed')),
  '/bad-gzip': (_q, r) => r.setHeader('content-encoding', 'gzip').end('no gzip at all'),
  '/layers': (_q, r) => r.setHeader('content-encoding', 'gzip, gzip').end(gzipSync(gzipSync('x'))),
  '/bomb': (_q, r) => r.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(40 * 1024 * 1024))),
  '/endless': (_q, r) => {
    const more = () => {
      while (!r.destroyed && r.write(Buffer.alloc(65536)));
    };
    r.on('drain', more);
    more();
  },
  '/latin1': (_q, r) => r.setHeader('content-type', 'text/plain; charset=iso-8859-1').end(Buffer.from([0x66, 0xfc, 0x72])),
  '/echo': (q, r) => r.setHeader('x-echo', String(q.headers.authorization)).end(JSON.stringify(q.headers)),
  '/hang': () => undefined,
  '/drip': (_q, r) => void r.write('a'),
  '/reset': (q) => q.socket.destroy(),
  '/loop': (_q, r) => r.writeHead(302, { location: '/loop' }).end(),
  '/to-other': (_q, r) => r.writeHead(307, { location: `http://other.test:${port}/ok` }).end(),
  '/to-same': (_q, r) => r.writeHead(307, { location: '/ok' }).end(),
  '/to-private': (_q, r) => r.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
  '/to-name': (_q, r) => r.writeHead(302, { location: 'http://metadata.test/' }).end(),
  '/to-file': (_q, r) => r.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/see-other': (_q, r) => r.writeHead(303, { location: '/ok' }).end(),
};

beforeAll(async () => {
  server = createServer((req, res) => {
    seen.push(req);
    (answers[req.url ?? ''] ?? ((_q, r) => r.writeHead(404).end('none')))(req, res);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port;
  const credentialHeaders = async (_o: string, name: string, url: URL) => {
    if (url.hostname !== 'good.test') throw new Error('not bound to this host');
    return { authorization: `Bearer ${name}-secret` };
  };
  open = createEgress({ allow: ['127.0.0.0/8'], lookup, credentialHeaders, timeoutMs: 1500 });
  closed = createEgress({ lookup, ownOrigin: `http://127.0.0.1:${port}`, timeoutMs: 1500 });
});
afterAll(async () => {
  await open.close();
  await closed.close();
  server.closeAllConnections();
  server.close();
});

const ask = (egress: Egress, url: string, more: Partial<EgressRequest> = {}) =>
  egress.request('org', { method: 'GET', url: url.replace('PORT', String(port)), headers: {}, ...more }, new AbortController().signal);
const code = async (asked: Promise<unknown>) =>
  asked.then(
    () => 'answered',
    (e: { code?: string; message: string }) => e.code ?? e.message,
  );

describe('what is refused', () => {
  const forms =
    `http://127.0.0.1:PORT/ok http://127.1:PORT/ok http://2130706433:PORT/ok http://0x7f000001:PORT/ok http://017700000001:PORT/ok http://0x7f.1:PORT/ok
http://127.0.0.1.:PORT/ok http://[::1]:PORT/ok http://[::ffff:127.0.0.1]:PORT/ok http://[::ffff:7f00:1]:PORT/ok http://[0:0:0:0:0:ffff:7f00:1]:PORT/ok http://[::127.0.0.1]:PORT/ok
http://①②⑦.⓪.⓪.①:PORT/ok http://127。0。0。1:PORT/ok http://0:PORT/ok http://0.0.0.0:PORT/ok http://[::]:PORT/ok http://169.254.169.254/ http://0xa9fea9fe/ http://2852039166/
http://good.test:PORT/ok http://mixed.test/ http://metadata.test/ http://mapped.test:PORT/ok http://10.0.0.1/ http://[fd00:ec2::254]/ http://[64:ff9b::a9fe:a9fe]/`.split(
      /\s+/,
    );
  it.each(forms)('%s', async (url) => {
    seen = [];
    expect(await code(ask(closed, url))).toBe('egress_denied');
    expect(seen).toEqual([]);
  });
  it.each([
    'file:///etc/passwd',
    'ftp://good.test/',
    'gopher://good.test/',
    'javascript:1',
    'data:text/plain,x',
    'http://',
    'nonsense',
    'http://user:pass@good.test/',
  ])('%s', async (url) => {
    expect(await code(ask(open, url))).toBe('invalid_url');
  });
  it.each(['Host', 'content-length', 'Transfer-Encoding', 'connection', 'Proxy-Authorization', 'x\nyz', 'accept-encoding'])('the header %j', async (name) => {
    expect(await code(ask(open, 'http://good.test:PORT/ok', { headers: { [name]: '1' } }))).toBe('invalid_header');
  });
  it('a header value that would split the request', async () => {
    expect(await code(ask(open, 'http://good.test:PORT/ok', { headers: { 'x-a': 'b\r\nhost: c' } }))).toBe('invalid_header');
  });
  it('redirects to private addresses, names and other schemes, and loops', async () => {
    const toGood = createEgress({ allow: ['127.0.0.0/8'], lookup });
    expect(await code(ask(toGood, 'http://good.test:PORT/to-private'))).toBe('egress_denied');
    expect(await code(ask(toGood, 'http://good.test:PORT/to-name'))).toBe('egress_denied');
    expect(await code(ask(toGood, 'http://good.test:PORT/to-file'))).toBe('invalid_url');
    expect(await code(ask(toGood, 'http://good.test:PORT/loop'))).toBe('too_many_redirects');
    await toGood.close();
  });
});

describe('Heddle’s own data', () => {
  it('may be read, and nothing else of Heddle', async () => {
    expect((await ask(closed, 'http://127.0.0.1:PORT/data/set.json')).body).toBe('{"own":true}');
    for (const path of ['/ok', '/data', '/data/', '/data/../ok', '/data/%2e%2e/ok', '/data/..%2fok', '/data//x', '/data/%00', '/datas/x', '/api/v1/runs']) {
      expect(await code(ask(closed, `http://127.0.0.1:PORT${path}`)), path).toBe('egress_denied');
    }
    expect(await code(ask(closed, 'http://127.0.0.1:PORT/data/set.json', { method: 'POST' }))).toBe('egress_denied');
    expect(await code(ask(closed, 'http://127.0.0.1:1/data/set.json'))).toBe('egress_denied');
  });
});

describe('what is capped', () => {
  it('size, before and after decompression', async () => {
    expect(await code(ask(open, 'http://good.test:PORT/endless', { maxBytes: 100_000 }))).toBe('too_large');
    expect(await code(ask(open, 'http://good.test:PORT/bomb'))).toBe('too_large');
    expect(await code(ask(open, 'http://good.test:PORT/layers'))).toBe('invalid_answer');
    expect(await code(ask(open, 'http://good.test:PORT/bad-gzip'))).toBe('invalid_answer');
  });
  it('time, of the head and of the body', async () => {
    expect(await code(ask(open, 'http://good.test:PORT/hang', { timeoutMs: 150 }))).toBe('timeout');
    expect(await code(ask(open, 'http://good.test:PORT/drip', { timeoutMs: 150 }))).toBe('timeout');
  });
});

describe('what works', () => {
  it('decompresses and decodes', async () => {
    expect((await ask(open, 'http://good.test:PORT/gzip')).body).toBe('packed');
    expect((await ask(open, 'http://good.test:PORT/br')).body).toBe('packed');
    expect((await ask(open, 'http://good.test:PORT/latin1')).body).toBe('für');
  });
  it('says why it failed', async () => {
    expect(await code(ask(open, 'http://unknown.test/'))).toBe('dns_failed');
    expect(await code(ask(open, 'http://good.test:1/'))).toBe('connection_refused');
    expect(await code(ask(open, 'http://good.test:PORT/reset'))).toBe('connection_lost');
    expect(await code(ask(open, 'https://good.test:PORT/ok'))).toBe('tls_failed');
  });
  it('keeps credentials and cookies on their host, and leaves them behind on another', async () => {
    const headers = { Authorization: 'Bearer own', Cookie: 'a=b', 'X-Api-Key': 'k', Accept: 'text/plain' };
    seen = [];
    await ask(open, 'http://good.test:PORT/to-same', { headers });
    expect(seen[1]?.headers).toMatchObject({ authorization: 'Bearer own', cookie: 'a=b', 'x-api-key': 'k' });
    seen = [];
    await ask(open, 'http://good.test:PORT/to-other', { headers });
    expect(seen[1]?.headers).toMatchObject({ accept: 'text/plain' });
    for (const name of ['authorization', 'cookie', 'x-api-key']) expect(seen[1]?.headers[name]).toBeUndefined();
    seen = [];
    await ask(open, 'http://good.test:PORT/to-other', { credential: 'crm' });
    expect(seen.map((r) => r.headers.authorization)).toEqual(['Bearer crm-secret', undefined]);
    expect(await code(ask(open, 'http://other.test:PORT/ok', { credential: 'crm' }))).toBe('not bound to this host');
  });
  it('never brings a secret back, even from a host that echoes it', async () => {
    registerSecret('crm-secret');
    const answer = await ask(open, 'http://good.test:PORT/echo', { credential: 'crm' });
    expect(JSON.stringify(answer)).not.toContain('crm-secret');
    expect(answer.body).toContain('Bearer [redacted]');
  });
  it('nor in a download, wherever its chunks are cut, and leaves every other byte as it is', async () => {
    registerSecret('crm-secret');
    const signal = new AbortController().signal;
    const got = async (url: string, credential?: string) => {
      const { body } = await open.download(
        'org',
        { method: 'GET', url: url.replace('PORT', String(port)), headers: {}, maxBytes: 10_000_000, credential },
        signal,
      );
      return buffer(body);
    };
    const bytes = await got('http://good.test:PORT/trickle', 'crm');
    expect(bytes.equals(Buffer.concat([trickled.subarray(0, 40_000), Buffer.from('[redacted]'), trickled.subarray(40_000)]))).toBe(true);
    expect((await got('http://good.test:PORT/trickle')).includes('crm-secret')).toBe(true);
  });
  it('a download ends beyond its size, when its caller stops, and where it breaks off', async () => {
    const stop = new AbortController();
    const read = async (url: string, maxBytes: number) => {
      const { body } = await open.download('org', { method: 'GET', url: url.replace('PORT', String(port)), headers: {}, maxBytes }, stop.signal);
      for await (const _ of body) if (url.endsWith('/slow-body')) stop.abort(new Error('stopped'));
    };
    expect(await code(read('http://good.test:PORT/trickle', 50_000))).toBe('too_large');
    expect(await code(read('http://good.test:PORT/slow-body', 50_000))).toBe('stopped');
  });
  it('turns POST into GET where HTTP says so', async () => {
    seen = [];
    await ask(open, 'http://good.test:PORT/see-other', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    expect(seen.map((r) => [r.method, r.headers['content-type']])).toEqual([
      ['POST', 'application/json'],
      ['GET', undefined],
    ]);
  });
  it('leaves redirects alone when asked to', async () => {
    expect((await ask(open, 'http://good.test:PORT/to-same', { followRedirects: false })).status).toBe(307);
  });
  it('stops when the run is cancelled', async () => {
    const stop = new AbortController();
    const asked = open.request('org', { method: 'GET', url: `http://good.test:${port}/hang`, headers: {} }, stop.signal);
    setTimeout(() => stop.abort(new Error('cancelled')), 30);
    await expect(asked).rejects.toThrow('cancelled');
  });
  it('reuses connections', async () => {
    seen = [];
    for (let i = 0; i < 12; i++) await ask(open, 'http://good.test:PORT/ok');
    expect(new Set(seen.map((r) => r.socket)).size).toBeLessThan(6);
  });
});
