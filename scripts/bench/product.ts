import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The real product on a temporary HEDDLE_HOME, as `npm start` starts it. */
export interface Product {
  url: string;
  home: string;
  environment: Record<string, string>;
  organization: string;
  project: string;
  apiKey: string;
  email: string;
  password: string;
  /** ms from spawn to the ready line, build and initdb done before */
  secondStartMs: number;
  pid: number;
  /** ms to the ready line; with `environment` it keeps these settings, `downSeconds` it stays down before */
  restart: (environment?: Record<string, string>, downSeconds?: number) => Promise<number>;
  stop: () => Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function launch(environment: Record<string, string>): Promise<{ child: ChildProcess; ms: number }> {
  const began = performance.now();
  const child = spawn('node', ['bin/heddle', 'start'], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  return new Promise((resolve, reject) => {
    const onData = (data: Buffer) => {
      output += data.toString();
      if (/Heddle is ready at/.test(output)) resolve({ child, ms: performance.now() - began });
    };
    child.stdout?.on('data', onData);
    child.stderr?.on('data', onData);
    child.once('exit', (code) => reject(new Error(`heddle start ended with ${code}\n${output.slice(-3000)}`)));
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

/** Starts Heddle, makes an owner, and starts it a second time to measure that. */
export async function startProduct(): Promise<Product> {
  const home = await mkdtemp(join(tmpdir(), 'heddle-bench-'));
  const port = await freePort();
  const environment = { HEDDLE_HOME: home, PORT: String(port), NODE_ENV: 'production', LOG_LEVEL: 'warn' } as Record<string, string>;
  const email = 'bench@example.com';
  const password = 'correct horse battery staple';
  let { child } = await launch(environment);
  const { stdout } = await run('node', ['bin/heddle', 'bootstrap', '--email', email, '--password', password, '--org', 'Bench', '--json'], {
    env: { ...process.env, ...environment },
  });
  const made = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
  const restart = async (more: Record<string, string> = {}, downSeconds = 0) => {
    await ended(child);
    Object.assign(environment, more);
    await new Promise((resolve) => setTimeout(resolve, downSeconds * 1_000));
    const again = await launch(environment);
    child = again.child;
    return again.ms;
  };
  const product: Product = {
    url: `http://127.0.0.1:${port}`,
    home,
    environment,
    ...made,
    email,
    password,
    secondStartMs: await restart(),
    get pid() {
      return child.pid ?? 0;
    },
    restart,
    stop: async () => {
      await ended(child);
      await rm(home, { recursive: true, force: true });
    },
  };
  return product;
}

/** Calls the REST API; throws with the answer when it is not a success. */
export async function api<T>(product: Product, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${product.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${product.apiKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
  return JSON.parse(text) as T;
}

/** Resident memory of the process tree, or of its processes whose program matches `only` (shared pages counted once, PSS) and of the sum of RSS, in MB. */
export async function memoryOf(pid: number, only = /./): Promise<{ pss: number; rss: number; processes: number }> {
  const children = new Map<number, number[]>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const tree: number[] = [];
  const visit = (p: number) => {
    tree.push(p);
    for (const c of children.get(p) ?? []) visit(c);
  };
  visit(pid);
  let pss = 0;
  let rss = 0;
  for (const p of tree) {
    if (!only.test(await readFile(`/proc/${p}/cmdline`, 'utf8').catch(() => ''))) continue;
    const text = await readFile(`/proc/${p}/smaps_rollup`, 'utf8').catch(() => '');
    pss += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
    rss += Number(/^Rss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
  }
  return { pss: pss / 1024, rss: rss / 1024, processes: tree.length };
}
