import { fork } from 'node:child_process';
import { join } from 'node:path';
import { prepareDatabase } from '@/server/db/provision';
import { deriveKey, env, processEnvironment } from '@/server/env';
import { buildApp } from './build-app';
import { ensureMasterSecret, openHome } from './home';
import { localUrl } from './supervisor';

/** `heddle web` and `heddle worker`: one process on a database that is there already, for more machines than one. */
export async function runSingle(root: string, module: 'web' | 'worker', dev: boolean): Promise<void> {
  const { DATABASE_URL, HEDDLE_APP_DATABASE_URL, HEDDLE_ENGINE_DATABASE_URL, HOST, PORT, NEXTAUTH_URL } = env();
  const secret = ensureMasterSecret(openHome());
  let urls = { appUrl: HEDDLE_APP_DATABASE_URL, engineUrl: HEDDLE_ENGINE_DATABASE_URL };
  if (!urls.appUrl || !urls.engineUrl) {
    if (!DATABASE_URL)
      throw new Error(
        `DATABASE_URL is not set. \`heddle ${module}\` is one process of several on the same database; \`heddle start\` runs all of it with an embedded PostgreSQL.`,
      );
    urls = await prepareDatabase(root, DATABASE_URL, secret);
  }
  if (module === 'web' && !dev) {
    await buildApp(root, new AbortController().signal, () => process.stderr.write('heddle  Building the app …\n'));
  }
  const { DATABASE_URL: _owner, ...inherited } = processEnvironment();
  const child = fork(join(root, 'dist', `${module}.mjs`), dev ? ['--dev'] : [], {
    env: {
      ...inherited,
      NODE_ENV: dev ? 'development' : 'production',
      HEDDLE_SECRET: secret,
      HEDDLE_APP_DATABASE_URL: urls.appUrl,
      HEDDLE_ENGINE_DATABASE_URL: urls.engineUrl,
      NEXTAUTH_URL: NEXTAUTH_URL ?? localUrl(HOST, PORT),
      NEXTAUTH_SECRET: deriveKey('nextauth', secret).toString('base64url'),
      NEXT_TELEMETRY_DISABLED: '1',
      NEXT_MANUAL_SIG_HANDLE: '1',
    } as unknown as NodeJS.ProcessEnv,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.on('message', (message) => {
    if ((message as { type?: string }).type === 'ready')
      process.stdout.write(module === 'web' ? `Heddle web is ready at ${localUrl(HOST, PORT)}\n` : 'Heddle worker is ready\n');
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill('SIGTERM'));
  const code = await new Promise<number | null>((resolve) => child.once('exit', (exit) => resolve(exit)));
  process.exitCode = code ?? 1;
}
