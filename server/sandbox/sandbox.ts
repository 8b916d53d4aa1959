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
  /** it was in a runner that ended through somebody else's fault */
  again?: true;
  timer?: NodeJS.Timeout;
  resolve(value: Outcome): void;
  reject(error: unknown): void;
}

const mostWaiting = 1000;

/**
 * Runs user code in a process of its own (security.md): started when first needed, with an empty environment, read-only and unable to start
 * processes; started anew when it dies; ended after `idleMs` without work, so that an idle worker stays small.
 */
export function createSandbox(options: { idleMs?: number; hangMs?: number } = {}): Sandbox {
  return new RunnerSandbox(options.idleMs ?? 60_000, options.hangMs ?? 5_000);
}

class RunnerSandbox implements Sandbox {
  /** not yet in the runner, the oldest first */
  private readonly waiting = new Map<number, Pending>();
  /** in the runner, at most as many as it has threads */
  private readonly sent = new Map<number, Pending>();
  private child: ChildProcess | undefined;
  private starting: Promise<ChildProcess> | undefined;
  private idle: NodeJS.Timeout | undefined;
  private closed = false;
  private lastId = 0;

  constructor(
    private readonly idleMs: number,
    /** an answer later than this after its time limit means that the runner itself hangs */
    private readonly hangMs: number,
  ) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  async run(organizationId: string, request: Request, signal: AbortSignal): Promise<Outcome> {
    if (this.closed) throw new StepError('sandbox_crashed', 'The sandbox is shutting down.');
    signal.throwIfAborted();
    const globals = JSON.stringify(request.globals);
    if (globals.length > limits.input) throw tooLong('The code’s input', limits.input);
    if (request.source.length > limits.source) throw tooLong('The code', limits.source);
    if (this.waiting.size + this.sent.size >= mostWaiting) throw new StepError('sandbox_busy', 'Too much code is waiting to run here.');
    const id = ++this.lastId;
    const job: Job = { id, organizationId, source: request.source, globals, timeoutMs: Math.max(1, Math.min(request.timeoutMs, limits.timeoutMs)) };
    const stop = () => this.cancel(id, signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await new Promise<Outcome>((resolve, reject) => {
        this.waiting.set(id, { job, resolve, reject });
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
    while (this.sent.size < limits.threads) {
      const next = this.next();
      if (!next) return;
      this.dispatch(next);
    }
  }

  private next(): Pending | undefined {
    const inside = new Set([...this.sent.values()].map((p) => p.job.organizationId));
    for (const entry of this.waiting.values()) if (!inside.has(entry.job.organizationId)) return entry;
    for (const entry of this.waiting.values()) return entry;
    return undefined;
  }

  private dispatch(entry: Pending): void {
    this.waiting.delete(entry.job.id);
    this.sent.set(entry.job.id, entry);
    clearTimeout(this.idle);
    this.ready().then(
      (runner) => {
        // cancelled meanwhile, or lost with the runner and on its way into the next
        if (this.sent.get(entry.job.id) !== entry || this.child !== runner) return;
        entry.timer = setTimeout(() => this.end(runner, entry), entry.job.timeoutMs + this.hangMs);
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
    child.on('message', (answer: Answer) => {
      if (this.child === child) this.settle(answer);
    });
    child.on('error', (error) => this.lost(child, error.message));
    child.on('exit', (code, signal) => this.lost(child, complaint.trim() || `exit ${signal ?? code}`));
    this.child = child;
    return child;
  }

  /**
   * Ends a runner that rests or hangs. It is no longer ours from here on, not only from its 'exit': what comes next goes to a new one. Of the jobs
   * inside, the one that hung fails; the others, perhaps of other organizations, start again, once.
   */
  private end(runner: ChildProcess, hung?: Pending): void {
    runner.kill('SIGKILL');
    if (hung) for (const entry of this.sent.values()) if (entry !== hung) this.restart(entry);
    this.lost(runner, 'it hung');
  }

  private restart(entry: Pending): void {
    if (entry.again) return;
    entry.again = true;
    clearTimeout(entry.timer);
    this.sent.delete(entry.job.id);
    this.waiting.set(entry.job.id, entry);
  }

  private lost(which: ChildProcess, reason: string): void {
    if (this.child !== which) return;
    this.child = undefined;
    clearTimeout(this.idle);
    const ended = this.closed ? [...this.sent.values(), ...this.waiting.values()] : [...this.sent.values()];
    for (const entry of ended) {
      this.forget(entry.job.id);
      entry.reject(new StepError('sandbox_crashed', 'The sandbox ended while the code was running.', { cause: new Error(reason) }));
    }
    if (!this.closed) this.pump();
  }

  private forget(id: number): void {
    clearTimeout(this.sent.get(id)?.timer);
    this.sent.delete(id);
    this.waiting.delete(id);
    const resting = this.child;
    if (this.sent.size + this.waiting.size > 0 || !resting) return;
    // nothing to do: it must not keep this process alive, nor live on for long itself
    resting.unref();
    resting.channel?.unref();
    (resting.stderr as unknown as { unref?: () => void } | null)?.unref?.();
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.end(resting), this.idleMs).unref();
  }

  private cancel(id: number, reason: unknown): void {
    const inside = this.sent.get(id);
    const entry = inside ?? this.waiting.get(id);
    if (!entry) return;
    this.forget(id);
    if (inside && this.child) post(this.child, { cancel: id });
    entry.reject(reason);
    this.pump();
  }

  private settle(answer: Answer): void {
    const entry = this.sent.get(answer.id);
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
