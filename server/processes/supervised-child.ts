import { type ChildProcess, fork } from 'node:child_process';
import { Backoff } from './backoff';
import type { Progress } from './progress';
import type { ChildrenMessage, ReadyMessage } from './serve-process';
import { watchPulse } from './watch-pulse';

export interface ChildSpec {
  /** `web`, `worker 2` */
  name: string;
  /** the bundled module */
  file: string;
  args?: string[];
  env: Record<string, string | undefined>;
  execArgv?: string[];
}

/** One process of Heddle under the supervisor: started, restarted with backoff when it dies, stopped. */
export class SupervisedChild {
  readonly spec: ChildSpec;
  readonly #progress: Progress;
  readonly #onChange: () => void;
  readonly #backoff = new Backoff();
  #process: ChildProcess | undefined;
  #own: number[] = [];
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;
  #everReady = false;

  constructor(spec: ChildSpec, progress: Progress, onChange: () => void) {
    this.spec = spec;
    this.#progress = progress;
    this.#onChange = onChange;
  }

  /** of the process and of those it started itself */
  get pids(): number[] {
    return [...(this.#process?.pid ? [this.#process.pid] : []), ...this.#own];
  }

  /** Starts it for the first time; rejects when it ends before it was ready. */
  start(): Promise<ReadyMessage> {
    return new Promise((resolve, reject) => this.#launch(resolve, reject));
  }

  #launch(ready: (message: ReadyMessage) => void, failed: (error: Error) => void): void {
    const began = Date.now();
    const { name, file, args = [], env, execArgv = [] } = this.spec;
    const child = fork(file, args, { env: env as NodeJS.ProcessEnv, execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#process = child;
    // under a debugger a process may stand still for long
    if (env.NODE_ENV !== 'development') watchPulse(child);
    this.#onChange();
    child.on('message', (message) => {
      if ((message as Partial<ChildrenMessage>).type === 'children') {
        this.#own = (message as ChildrenMessage).pids;
        return this.#onChange();
      }
      if ((message as Partial<ReadyMessage>).type !== 'ready') return;
      this.#everReady = true;
      ready(message as ReadyMessage);
    });
    child.once('error', (error) => failed(new Error(`The ${name} process cannot be started: ${error.message}`)));
    child.once('exit', (code, signal) => {
      this.#process = undefined;
      this.#onChange();
      if (this.#stopping) return;
      const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
      if (!this.#everReady) return failed(new Error(`The ${name} process ${how} before it was ready.`));
      const wait = this.#backoff.after(Date.now() - began);
      this.#progress.warn(`The ${name} process ${how}; it is started again in ${wait / 1000} s.`);
      this.#restart = setTimeout(
        () =>
          this.#launch(
            () => this.#progress.say(`The ${name} process runs again.`),
            () => {},
          ),
        wait,
      );
    });
  }

  /** Ends it and starts it anew at once, after a rebuild in development. */
  async replace(): Promise<void> {
    await this.stop(3_000);
    this.#stopping = false;
    await this.start().catch((error: Error) => this.#progress.warn(error.message));
  }

  /** SIGTERM, then SIGKILL after `patienceMs`. */
  async stop(patienceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const urge = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    await gone;
    clearTimeout(urge);
  }
}
