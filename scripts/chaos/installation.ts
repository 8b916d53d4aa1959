import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { prepareDatabase } from '@/server/db/provision';
import { deriveKey, resetEnv } from '@/server/env';
import { freePort } from '@/server/processes/free-port';
import { ensureMasterSecret } from '@/server/processes/home';
import { Database } from './database';
import { type Options, paceFor } from './options';
import { RespawnedProcess } from './respawned-process';
import { Sink } from './sink';
import { TcpProxy } from './tcp-proxy';

const run = promisify(execFile);
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export interface Organization {
  slug: string;
  apiKey: string;
}

/** A worker process with its own network to the database and its own clock. */
export interface WorkerProcess {
  name: string;
  process: RespawnedProcess;
  proxy: TcpProxy;
  clock: string;
}

/** Heddle's own processes on a folder of their own, each within reach of the suite's faults. */
export interface Installation {
  home: string;
  url: string;
  database: Database;
  sink: Sink;
  web: RespawnedProcess;
  workers: WorkerProcess[];
  organizations: Organization[];
  stop(): Promise<void>;
  remove(): Promise<void>;
}

export async function install(options: Options, onDeath: (name: string, how: string) => void): Promise<Installation> {
  const home = await mkdtemp(join(tmpdir(), 'heddle-chaos-'));
  await mkdir(join(home, 'logs'));
  resetEnv({ HEDDLE_HOME: home, LOG_LEVEL: 'warn' });
  const secret = ensureMasterSecret(home);
  const [database, sink] = await Promise.all([Database.start(root, home), Sink.start(join(home, 'logs/sink.ndjson'), 300 * paceFor(options.inFlight))]);
  const { appUrl, engineUrl } = await prepareDatabase(root, database.url, secret);
  const port = await freePort('127.0.0.1');
  const environment = childEnvironment(home, secret, port);
  const organizations: Organization[] = [];
  for (const name of ['north', 'south']) organizations.push(await bootstrap(name, { ...environment, DATABASE_URL: database.url }));
  const spec = (name: string, module: string, more: Record<string, string>) => ({
    name,
    file: join(root, 'dist', `${module}.mjs`),
    env: { ...environment, ...more },
    log: join(home, 'logs', `${name}.log`),
  });
  const web = new RespawnedProcess(spec('web', 'web', { HEDDLE_APP_DATABASE_URL: appUrl, HEDDLE_ENGINE_DATABASE_URL: engineUrl }), onDeath);
  const workers: WorkerProcess[] = [];
  for (let n = 1; n <= options.workers; n++) {
    const name = `worker-${n}`;
    const proxy = new TcpProxy(() => database.port);
    await proxy.listen();
    const clock = join(home, `clock-${n}`);
    await writeFile(clock, '0');
    const more = {
      HEDDLE_APP_DATABASE_URL: through(appUrl, proxy.port),
      HEDDLE_ENGINE_DATABASE_URL: through(engineUrl, proxy.port),
      CHAOS_NAME: name,
      CHAOS_CLOCK: clock,
      CHAOS_TRIES: join(home, 'logs/tries.ndjson'),
      // so small that running out of it takes a second, not a minute of the whole machine
      NODE_OPTIONS: `--max-old-space-size=512 --import=${pathToFileURL(join(root, 'scripts/chaos/preload.mjs')).href}`,
    };
    workers.push({ name, process: new RespawnedProcess(spec(name, 'worker', more), onDeath), proxy, clock });
  }
  await Promise.all([web.start(), ...workers.map((w) => w.process.start())]);
  return {
    home,
    url: `http://127.0.0.1:${port}`,
    database,
    sink,
    web,
    workers,
    organizations,
    stop: async () => {
      await Promise.all([web.stop(), ...workers.map((w) => w.process.stop())]);
      for (const { proxy } of workers) proxy.close();
      await database.stop();
      sink.stop();
    },
    remove: () => rm(home, { recursive: true, force: true }),
  };
}

/** What the supervisor gives its children. */
function childEnvironment(home: string, secret: string, port: number): Record<string, string | undefined> {
  const { PATH, HOME, TZ } = process.env;
  return {
    PATH,
    HOME,
    TZ,
    NODE_ENV: 'production',
    HEDDLE_HOME: home,
    HEDDLE_SECRET: secret,
    HEDDLE_EGRESS_ALLOW: '127.0.0.0/8',
    PORT: String(port),
    HOST: '127.0.0.1',
    NEXTAUTH_URL: `http://localhost:${port}`,
    NEXTAUTH_SECRET: deriveKey('nextauth', secret).toString('base64url'),
    NEXT_TELEMETRY_DISABLED: '1',
    NEXT_MANUAL_SIG_HANDLE: '1',
    LOG_LEVEL: 'warn',
    MALLOC_ARENA_MAX: '2',
  };
}

function through(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.toString();
}

async function bootstrap(name: string, env: Record<string, string | undefined>): Promise<Organization> {
  const args = ['bin/heddle', 'bootstrap', '--email', `${name}@example.com`, '--password', 'correct horse battery staple', '--org', name, '--json'];
  const { stdout } = await run(process.execPath, args, { cwd: root, env: env as NodeJS.ProcessEnv });
  const { organization, apiKey } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { organization: string; apiKey: string };
  return { slug: organization, apiKey };
}
