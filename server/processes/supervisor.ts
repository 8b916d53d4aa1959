import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type PreparedDatabase, prepareDatabase } from '@/server/db/provision';
import { deriveKey, env, processEnvironment } from '@/server/env';
import { buildApp } from './build-app';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres';
import { freePort, isPortFree } from './free-port';
import { ensureMasterSecret, openHome } from './home';
import { HomeLocked, takeHomeLock } from './home-lock';
import { endLeftoverChildren, noteChildren } from './leftover-children';
import { waitForExit } from './process-identity';
import { createProgress, type Progress, type Step } from './progress';
import { graceMs } from './serve-process';
import { SupervisedChild } from './supervised-child';

export interface SuperviseOptions {
  /** Next's development server instead of a build, server processes restarted when their sources change */
  dev: boolean;
}

/** `heddle start`: the whole of Heddle on this machine, until it is told to stop. Rejects when it cannot start; everything begun is stopped then. */
export async function supervise(root: string, options: SuperviseOptions): Promise<void> {
  const supervisor = new Supervisor(root, options, createProgress());
  await supervisor.run();
}

/** The public address when NEXTAUTH_URL does not say. */
export function localUrl(host: string, port: number): string {
  const everywhere = ['127.0.0.1', '0.0.0.0', '::', '::1', 'localhost'].includes(host);
  return `http://${everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`;
}

class Supervisor {
  readonly #root: string;
  readonly #options: SuperviseOptions;
  readonly #progress: Progress;
  readonly #abort = new AbortController();
  readonly #children: SupervisedChild[] = [];
  #postgres: EmbeddedPostgres | undefined;
  #releaseLock: (() => void) | undefined;
  #home = '';
  #stopping: Promise<void> | undefined;

  constructor(root: string, options: SuperviseOptions, progress: Progress) {
    this.#root = root;
    this.#options = options;
    this.#progress = progress;
  }

  async run(): Promise<void> {
    const ended = this.#watchSignals();
    try {
      await this.#start();
    } catch (error) {
      this.#progress.clear();
      const asked = this.#stopping !== undefined;
      await this.#stop();
      if (asked) return;
      throw error;
    }
    await ended;
  }

  async #start(): Promise<void> {
    const began = Date.now();
    const { HOST, PORT } = env();
    this.#home = openHome();
    this.#releaseLock = await this.#lock();
    await endLeftoverChildren(this.#home);
    if (PORT !== 0 && !(await isPortFree(PORT, HOST)))
      throw new Error(`Port ${PORT} on ${HOST} is taken by another program. Stop it, or choose another: PORT=${PORT + 1} npm start`);
    const port = PORT === 0 ? await freePort(HOST) : PORT;
    const secret = ensureMasterSecret(this.#home);
    // both are needed, neither needs the other; the first to fail stops the other through #stop
    const [database] = await Promise.all([this.#database(secret), this.#buildApp()]);
    this.#assertGoing();
    await this.#startChildren(port, secret, database);
    this.#assertGoing();
    this.#progress.clear();
    process.stdout.write(`Heddle is ready at ${localUrl(HOST, port)}\n`);
    this.#progress.say(`Started in ${((Date.now() - began) / 1000).toFixed(1)} s. Ctrl-C stops it.`);
    process.send?.({ type: 'ready', port });
    if (this.#options.dev) await this.#watchSources();
  }

  /** A short command (`heddle bootstrap`) that uses the embedded PostgreSQL alone is waited for. */
  async #lock(): Promise<() => void> {
    for (let told = false; ; told = true) {
      try {
        return takeHomeLock(this.#home, 'heddle start');
      } catch (error) {
        if (!(error instanceof HomeLocked) || error.holder.command === 'heddle start') throw error;
        if (!told) this.#progress.say(`Waiting for \`${error.holder.command}\` (process ${error.holder.pid}) to finish …`);
        await waitForExit(error.holder.pid, 1_000);
        this.#assertGoing();
      }
    }
  }

  async #database(secret: string): Promise<PreparedDatabase> {
    const given = env().DATABASE_URL;
    const step = this.#progress.step(given ? 'Connecting to the database' : 'Starting PostgreSQL');
    let url = given;
    if (!url) {
      this.#postgres = await startEmbeddedPostgres(this.#root, this.#home, (text) => step.update(text));
      url = this.#postgres.url;
      this.#watchPostgres(this.#postgres);
      this.#assertGoing();
    }
    const prepared = await prepareDatabase(this.#root, url, secret, (count) => step.update(`Applying ${count} migrations`));
    step.done(prepared.applied.length > 0 ? `Database ready, ${prepared.applied.length} migrations applied` : 'Database ready');
    return prepared;
  }

  #watchPostgres(server: EmbeddedPostgres): void {
    void server.exited.then(async () => {
      if (this.#stopping) return;
      this.#progress.warn('The embedded PostgreSQL ended unexpectedly; it is started again.');
      try {
        this.#postgres = await startEmbeddedPostgres(this.#root, this.#home);
        this.#watchPostgres(this.#postgres);
        this.#progress.say('The embedded PostgreSQL runs again.');
      } catch (error) {
        this.#progress.warn((error as Error).message);
        void this.#stop(1);
      }
    });
  }

  async #buildApp(): Promise<void> {
    if (this.#options.dev) return;
    let step: Step | undefined;
    await buildApp(this.#root, this.#abort.signal, () => {
      step = this.#progress.step('Building the app (once, until its sources change)');
    });
    step?.done('App built');
  }

  async #startChildren(port: number, secret: string, database: PreparedDatabase): Promise<void> {
    const { HOST, HEDDLE_WORKERS, NEXTAUTH_URL } = env();
    const { DATABASE_URL: _owner, ...inherited } = processEnvironment();
    const childEnv = {
      ...inherited,
      NODE_ENV: this.#options.dev ? 'development' : 'production',
      HEDDLE_HOME: this.#home,
      HEDDLE_SECRET: secret,
      HEDDLE_APP_DATABASE_URL: database.appUrl,
      HEDDLE_ENGINE_DATABASE_URL: database.engineUrl,
      PORT: String(port),
      HOST,
      NEXTAUTH_URL: NEXTAUTH_URL ?? localUrl(HOST, port),
      NEXTAUTH_SECRET: deriveKey('nextauth', secret).toString('base64url'),
      NEXT_TELEMETRY_DISABLED: '1',
      NEXT_MANUAL_SIG_HANDLE: '1',
      // glibc keeps an arena a thread; two are plenty and keep idle processes small
      MALLOC_ARENA_MAX: inherited.MALLOC_ARENA_MAX ?? '2',
    };
    const step = this.#progress.step('Starting web and worker');
    const add = (name: string, module: string, args: string[] = []): void => {
      const spec = { name, file: join(this.#root, 'dist', `${module}.mjs`), args, env: childEnv };
      this.#children.push(new SupervisedChild(spec, this.#progress, () => this.#note()));
    };
    add('web', 'web', this.#options.dev ? ['--dev'] : []);
    for (let n = 1; n <= HEDDLE_WORKERS; n++) add(HEDDLE_WORKERS === 1 ? 'worker' : `worker ${n}`, 'worker');
    await Promise.all(this.#children.map((child) => child.start()));
    step.done(HEDDLE_WORKERS === 1 ? 'Web and worker run' : `Web and ${HEDDLE_WORKERS} workers run`);
  }

  #note(): void {
    noteChildren(
      this.#home,
      this.#children.flatMap((child) => child.pids),
    );
  }

  async #watchSources(): Promise<void> {
    const { watchServer } = (await import(pathToFileURL(join(this.#root, 'scripts/build.mjs')).href)) as {
      watchServer(onBuilt: (problem?: string) => void, signal: AbortSignal): Promise<void>;
    };
    await watchServer((problem) => {
      if (problem) return this.#progress.warn(problem);
      this.#progress.say('Server sources changed: restarting web and worker.');
      for (const child of this.#children) void child.replace();
    }, this.#abort.signal);
  }

  /** Resolves when a signal asked for the end and everything has stopped. A second Ctrl-C does not wait. */
  #watchSignals(): Promise<void> {
    return new Promise((resolve) => {
      const ask = (): void => {
        if (this.#stopping) {
          if (process.stdin.isTTY) this.#progress.say('Stopping; this takes a few seconds.');
          return;
        }
        this.#progress.clear();
        this.#progress.say('Stopping …');
        void this.#stop().then(resolve);
      };
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
      if (process.channel) {
        process.on('disconnect', ask);
        process.channel.unref();
      }
      this.#watchParent(ask);
    });
  }

  /** npm does not pass SIGTERM on to what its shell runs: when npm (or our launcher on an older Node) is gone, so are we. */
  #watchParent(ask: () => void): void {
    const { npm_lifecycle_event, npm_command, HEDDLE_RELAUNCHED } = processEnvironment();
    if (!npm_lifecycle_event && !npm_command && !HEDDLE_RELAUNCHED) return;
    const parent = process.ppid;
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      ask();
    }, 300);
    timer.unref();
  }

  #assertGoing(): void {
    if (this.#stopping) throw new Error('stopped');
  }

  /** Stops children, then PostgreSQL, within 10 s; safe to call at any moment and more than once. */
  #stop(code = 0): Promise<void> {
    this.#stopping ??= (async () => {
      this.#abort.abort();
      await Promise.all(this.#children.map((child) => child.stop(graceMs + 500)));
      await this.#postgres?.stop();
      this.#releaseLock?.();
      if (code) process.exit(code);
    })();
    return this.#stopping;
  }
}
