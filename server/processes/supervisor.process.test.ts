import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processEnvironment } from '@/server/env';
import { freePort } from './free-port';
import { parsePostmasterPid } from './postgres-leftover';
import { isAlive, waitForExit } from './process-identity';

/** The whole of `heddle start` as a user starts it. Builds the app when it is stale, which may take a minute the first time. */
const root = fileURLToPath(new URL('../..', import.meta.url));
let home: string;
let port: number;
const started: ChildProcess[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'heddle-home-'));
  port = await freePort('127.0.0.1');
});
afterAll(async () => {
  for (const child of started) {
    if (child.exitCode !== null || child.signalCode !== null || !child.pid) continue;
    child.kill('SIGTERM');
    if (!(await waitForExit(child.pid, 12_000))) child.kill('SIGKILL');
  }
  rmSync(home, { recursive: true, force: true });
});

interface Started {
  child: ChildProcess;
  output: () => string;
  ready: Promise<void>;
  exit: Promise<number | null>;
}

function heddle(args: string[], changes: Record<string, string> = {}): Started {
  const { DATABASE_URL: _none, NODE_ENV: _test, LOG_LEVEL: _silent, HEDDLE_SECRET: _made, ...inherited } = processEnvironment();
  const env = { ...inherited, HEDDLE_HOME: home, PORT: String(port), ...changes } as unknown as NodeJS.ProcessEnv;
  const child = spawn(process.execPath, [join(root, 'bin/heddle'), ...args], { env, cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let text = '';
  const exit = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const ready = new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      text += String(chunk);
      if (text.includes(`Heddle is ready at http://localhost:${port}`)) resolve();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    void exit.then((code) => reject(new Error(`heddle ${args.join(' ')} ended with ${code}:\n${text}`)));
  });
  ready.catch(() => {});
  return { child, output: () => text, ready, exit };
}

const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual' });
const postmaster = (): number => parsePostmasterPid(readFileSync(join(home, 'postgres/postmaster.pid'), 'utf8'))?.pid ?? 0;
const children = (): number[] => (JSON.parse(readFileSync(join(home, 'children.json'), 'utf8')) as { pid: number }[]).map((c) => c.pid);

describe('heddle start', () => {
  let first: Started;

  it('brings up everything on an empty folder', async () => {
    first = heddle(['start']);
    await first.ready;
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    expect(statSync(join(home, 'secret')).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, 'postgres.json')).mode & 0o777).toBe(0o600);
  }, 240_000);

  it('sends the headers a page needs, and strangers to the sign-in page', async () => {
    const page = await get('/');
    const policy = page.headers.get('content-security-policy') ?? '';
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? 'none';
    expect(policy).toContain(`'strict-dynamic'`);
    expect(policy).toContain(`frame-ancestors 'none'`);
    expect(page.headers.get('x-powered-by')).toBeNull();
    const html = await page.text();
    expect(html).toContain(nonce);
    expect(html.match(/<script(?![^>]*nonce=)/g)).toBeNull();
    const stranger = await get('/acme/workflows?page=2');
    expect(stranger.status).toBe(307);
    expect(stranger.headers.get('location')).toBe('/signin?next=%2Facme%2Fworkflows%3Fpage%3D2');
    const script = /\/_next\/static\/[^"]+\.js/.exec(html)?.[0] ?? '';
    const asset = await fetch(`http://127.0.0.1:${port}${script}`, { headers: { 'accept-encoding': 'br' } });
    expect(asset.headers.get('content-encoding')).toBe('br');
    expect(asset.headers.get('cache-control')).toContain('immutable');
  });

  it('refuses a second one on the same folder, and a taken port, saying which', async () => {
    const same = heddle(['start'], { PORT: String(await freePort('127.0.0.1')) });
    expect(await same.exit).toBe(1);
    expect(same.output()).toContain(`process ${first.child.pid}`);
    const taken = heddle(['start'], { HEDDLE_HOME: join(home, 'other') });
    expect(await taken.exit).toBe(1);
    expect(taken.output()).toContain(`Port ${port}`);
  });

  it('lets commands use its database while it runs', async () => {
    const migrate = heddle(['migrate']);
    expect(await migrate.exit).toBe(0);
    expect(migrate.output()).toContain('was up to date');
  });

  it('leaves nothing behind after kill -9, and starts again within seconds', async () => {
    const [server, ...others] = [postmaster(), ...children()];
    first.child.kill('SIGKILL');
    await first.exit;
    const again = Date.now();
    const second = heddle(['start']);
    await second.ready;
    expect(Date.now() - again).toBeLessThan(15_000); // 5 s on an idle machine, which a test cannot count on
    for (const pid of [server, ...others]) expect(isAlive(pid ?? 0)).toBe(false);
    expect((await get('/readyz')).status).toBe(200);

    const [web] = children();
    process.kill(web ?? 0, 'SIGKILL');
    await expect.poll(async () => (await get('/healthz').catch(() => undefined))?.status, { timeout: 20_000, interval: 200 }).toBe(200);
    expect(second.output()).toContain('The web process was ended by SIGKILL; it is started again');

    const running = [postmaster(), ...children()];
    const stopping = Date.now();
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
    expect(Date.now() - stopping).toBeLessThan(10_000);
    for (const pid of running) expect(isAlive(pid)).toBe(false);
  });

  it('runs a command with a PostgreSQL of its own when nothing runs, and names a wrong secret', async () => {
    const alone = heddle(['migrate']);
    expect(await alone.exit).toBe(0);
    const wrong = heddle(['start'], { HEDDLE_SECRET: 'another-secret-another-secret-another' });
    expect(await wrong.exit).toBe(1);
    expect(wrong.output()).toContain('HEDDLE_SECRET is not the one');
  });
});
