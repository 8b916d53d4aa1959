import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Backoff } from '@/server/processes/backoff';

export interface ProcessSpec {
  name: string;
  /** the bundled module */
  file: string;
  env: Record<string, string | undefined>;
  log: string;
}

/** A process of Heddle that is started again when it dies, as the supervisor would do it. */
export class RespawnedProcess {
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;
  private readonly backoff = new Backoff();
  /** the supervisor's growing pauses; without, half a second each time: faults come faster here than a healthy minute */
  patient = false;
  /** deaths by what ended it */
  readonly deaths: { at: number; how: string }[] = [];

  constructor(
    readonly spec: ProcessSpec,
    private readonly onDeath: (name: string, how: string) => void = () => {},
  ) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Resolves when it is ready for the first time. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => this.launch(resolve, reject));
  }

  private launch(ready: () => void, failed: (error: Error) => void): void {
    const { file, env, log, name } = this.spec;
    const output = openSync(log, 'a');
    const began = Date.now();
    const child = fork(file, [], { env: env as NodeJS.ProcessEnv, execArgv: [], stdio: ['ignore', output, output, 'ipc'] });
    closeSync(output);
    this.child = child;
    child.on('message', (message) => {
      if ((message as { type?: string }).type === 'ready') ready();
    });
    child.once('exit', (code, signal) => {
      if (this.child === child) this.child = undefined;
      if (this.stopping) return;
      const how = signal ?? `code ${code}`;
      this.deaths.push({ at: Date.now(), how });
      this.onDeath(name, how);
      failed(new Error(`${name} ended with ${how} before it was ready; see ${log}`));
      const wait = this.patient ? this.backoff.after(Date.now() - began) : 500;
      this.timer = setTimeout(() => this.launch(ready, () => {}), wait);
    });
  }

  signal(name: NodeJS.Signals): void {
    this.child?.kill(name);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    const urge = setTimeout(() => child.kill('SIGKILL'), 7_000);
    await gone;
    clearTimeout(urge);
  }
}
