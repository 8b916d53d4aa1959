import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { type SandboxService, StepError } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import { type Answer, type Job, limits, type ToRunner } from './protocol';
import { runnerFile } from './runner-file';

export interface Sandbox extends SandboxService {
  /** ends the runner process; runs in flight fail */
  close(): Promise<void>;
  /** pid of the runner process while there is one */
  readonly pid: number | undefined;
}

type Outcome = Awaited<ReturnType<SandboxService['run']>>;
type Request = Parameters<SandboxService['run']>[1];

interface Pending {
  job: Job;
  sent: boolean;
  timer?: NodeJS.Timeout;
  resolve(value: Outcome): void;
  reject(error: unknown): void;
}

const mostWaiting = 1000;
/** An answer later than this after its time limit means that the runner itself hangs. */
const hangMs = 5000;

/**
 * Runs user code in a process of its own (security.md): started when first needed, with an empty environment, read-only and unable to start
 * processes; started anew when it dies; ended after `idleMs` without work, so that an idle worker stays small.
 */
export function createSandbox(options: { idleMs?: number } = {}): Sandbox {
  return new RunnerSandbox(options.idleMs ?? 60_000);
}

class RunnerSandbox implements Sandbox {
  private readonly pending = new Map<number, Pending>();
  private child: ChildProcess | undefined;
  private starting: Promise<ChildProcess> | undefined;
  private idle: NodeJS.Timeout | undefined;
  private closed = false;
  private lastId = 0;

  constructor(private readonly idleMs: number) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  async run(organizationId: string, request: Request, signal: AbortSignal): Promise<Outcome> {
    if (this.closed) throw new StepError('sandbox_crashed', 'The sandbox is shutting down.');
    signal.throwIfAborted();
    const globals = JSON.stringify(request.globals);
    if (globals.length > limits.input) throw tooLong('The code’s input', limits.input);
    if (request.source.length > limits.source) throw tooLong('The code', limits.source);
    if (this.pending.size >= mostWaiting) throw new StepError('sandbox_busy', 'Too much code is waiting to run here.');
    const id = ++this.lastId;
    const job: Job = { id, organizationId, source: request.source, globals, timeoutMs: Math.max(1, Math.min(request.timeoutMs, limits.timeoutMs)) };
    const stop = () => this.cancel(id, signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await new Promise<Outcome>((resolve, reject) => {
        this.pending.set(id, { job, sent: false, resolve, reject });
        this.pump();
      });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.idle);
    await this.starting?.catch(() => undefined);
    const running = this.child;
    if (!running) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.ref();
    running.kill('SIGKILL');
    await ended;
  }

  /** Keeps as many jobs in the runner as it has threads; an organization with one in there lets others go first. */
  private pump(): void {
    for (;;) {
      const sent = [...this.pending.values()].filter((p) => p.sent);
      if (sent.length >= limits.threads) return;
      const waiting = [...this.pending.values()].filter((p) => !p.sent);
      const next = waiting.find((p) => !sent.some((s) => s.job.organizationId === p.job.organizationId)) ?? waiting[0];
      if (!next) return;
      this.dispatch(next);
    }
  }

  private dispatch(entry: Pending): void {
    entry.sent = true;
    clearTimeout(this.idle);
    this.ready().then(
      (runner) => {
        if (!this.pending.has(entry.job.id)) return;
        entry.timer = setTimeout(() => runner.kill('SIGKILL'), entry.job.timeoutMs + hangMs);
        runner.ref();
        runner.channel?.ref();
        post(runner, { run: entry.job });
      },
      (error: unknown) => {
        this.forget(entry.job.id);
        entry.reject(new StepError('sandbox_crashed', 'The sandbox cannot be started.', { cause: error }));
      },
    );
  }

  private ready(): Promise<ChildProcess> {
    if (this.child) return Promise.resolve(this.child);
    this.starting ??= this.start().finally(() => {
      this.starting = undefined;
    });
    return this.starting;
  }

  private async start(): Promise<ChildProcess> {
    const { file, root } = await runnerFile();
    // not the whole root: HEDDLE_HOME with the master key may be in it
    const readable = [dirname(file), join(root, 'node_modules'), join(root, 'package.json')].map((path) => `--allow-fs-read=${path}`);
    const flags = ['--max-old-space-size=128', '--permission', '--allow-worker', ...readable, '--no-warnings', '--disable-proto=delete'];
    const env = {} as NodeJS.ProcessEnv;
    const child = spawn(process.execPath, [...flags, file], { env, cwd: root, stdio: ['ignore', 'ignore', 'pipe', 'ipc'], serialization: 'json' });
    let complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk).slice(-2000);
    });
    child.on('message', (answer: Answer) => this.settle(answer));
    child.on('error', (error) => this.lost(child, error.message));
    child.on('exit', (code, signal) => this.lost(child, complaint.trim() || `exit ${signal ?? code}`));
    this.child = child;
    return child;
  }

  private lost(which: ChildProcess, reason: string): void {
    if (this.child !== which) return;
    this.child = undefined;
    for (const [id, entry] of this.pending) {
      if (!entry.sent && !this.closed) continue;
      this.forget(id);
      entry.reject(new StepError('sandbox_crashed', 'The sandbox ended while the code was running.', { cause: new Error(reason) }));
    }
    if (!this.closed) this.pump();
  }

  private forget(id: number): void {
    clearTimeout(this.pending.get(id)?.timer);
    this.pending.delete(id);
    const resting = this.child;
    if (this.pending.size > 0 || !resting) return;
    // nothing to do: it must not keep this process alive, nor live on for long itself
    resting.unref();
    resting.channel?.unref();
    (resting.stderr as unknown as { unref?: () => void } | null)?.unref?.();
    clearTimeout(this.idle);
    this.idle = setTimeout(() => resting.kill('SIGKILL'), this.idleMs).unref();
  }

  private cancel(id: number, reason: unknown): void {
    const entry = this.pending.get(id);
    if (!entry) return;
    this.forget(id);
    if (entry.sent && this.child) post(this.child, { cancel: id });
    entry.reject(reason);
    this.pump();
  }

  private settle(answer: Answer): void {
    const entry = this.pending.get(answer.id);
    if (!entry) return;
    this.forget(answer.id);
    try {
      entry.resolve(outcomeOf(answer));
    } catch (error) {
      entry.reject(error);
    }
    this.pump();
  }
}

function outcomeOf(answer: Answer): Outcome {
  if ('value' in answer) return { value: parseValue(answer.value), logs: answer.logs };
  const where = answer.line ? ` (line ${answer.line})` : '';
  const details: Json = { logs: answer.logs.map((l) => ({ ...l })), ...(answer.line ? { line: answer.line } : {}) };
  throw new StepError(answer.failure, `${answer.message}${where}`, { retryable: answer.failure === 'sandbox_crashed', details });
}

/** A runner that is just dying: its exit settles what was sent. */
function post(runner: ChildProcess, message: ToRunner): void {
  if (runner.connected) runner.send(message, () => undefined);
}

function tooLong(what: string, limit: number): StepError {
  return new StepError('code_too_large', `${what} is longer than ${limit.toLocaleString('en')} characters.`, { retryable: false });
}

/** Refuses `__proto__` keys (security.md R14). */
function parseValue(text: string): Json {
  if (!text.includes('__proto__')) return JSON.parse(text) as Json;
  return JSON.parse(text, (key, value: Json) => {
    if (key !== '__proto__') return value;
    throw new StepError('code_error', 'The code returned an object with the key "__proto__", which is not accepted.', { retryable: false });
  }) as Json;
}
