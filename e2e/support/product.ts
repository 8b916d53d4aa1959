import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Building the app is part of a first start. */
const startWithin = 600_000;
const log = 'test-results/product.log';

/**
 * Playwright's globalSetup: starts the product as a person would, on a free port with an empty home, and stops it afterwards.
 * To try tests against a product that runs already: HEDDLE_E2E_URL=http://localhost:3000 HEDDLE_E2E_HOME=.heddle npx playwright test
 */
export default async function startProduct(): Promise<() => Promise<void>> {
  if (process.env.HEDDLE_E2E_URL) return async () => {};
  const home = mkdtempSync(join(tmpdir(), 'heddle-e2e-'));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  mkdirSync('test-results', { recursive: true });
  const environment: NodeJS.ProcessEnv = { ...process.env, HEDDLE_HOME: home, PORT: String(port), HOST: '127.0.0.1', NODE_ENV: 'production' };
  for (const name of ['DATABASE_URL', 'NEXTAUTH_URL', 'HEDDLE_SECRET', 'FORCE_COLOR']) delete environment[name];
  const product = spawn(process.execPath, ['bin/heddle', 'start'], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const file = createWriteStream(log);
  product.stdout.pipe(file, { end: false });
  product.stderr.pipe(file, { end: false });
  try {
    await ready(url, product);
  } catch (error) {
    await stop(product);
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
  process.env.HEDDLE_E2E_URL = url;
  process.env.HEDDLE_E2E_HOME = home;
  return async () => {
    await stop(product);
    rmSync(home, { recursive: true, force: true });
  };
}

async function ready(url: string, product: ChildProcess): Promise<void> {
  const end = Date.now() + startWithin;
  while (Date.now() < end) {
    if (product.exitCode !== null)
      throw new Error(`heddle start ended with ${product.exitCode} before it was ready:\n${readFileSync(log, 'utf8').slice(-4000)}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`heddle start was not ready within ${startWithin / 1000} s:\n${readFileSync(log, 'utf8').slice(-4000)}`);
}

async function stop(product: ChildProcess): Promise<void> {
  if (product.exitCode !== null || product.signalCode !== null) return;
  const gone = new Promise((resolve) => product.once('exit', resolve));
  product.kill('SIGTERM');
  const impatient = setTimeout(() => product.kill('SIGKILL'), 30_000);
  await gone;
  clearTimeout(impatient);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
