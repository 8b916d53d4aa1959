import { Worker } from 'node:worker_threads';
import { type Answer, type FromThread, type Job, limits, type ToRunner } from './protocol';

/**
 * The process that runs user code (entry of its own; started by sandbox.ts with an empty environment and without secrets or a database).
 * Holds a few threads; ends one that does not stop by itself; leaves when the parent does.
 */
interface Slot {
  worker: Worker;
  job?: Job;
  timer?: NodeJS.Timeout;
}

const threadFile = new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './sandbox-thread.mjs', import.meta.url);
const slots: Slot[] = [];
const waiting: Job[] = [];

function send(answer: Answer): void {
  if (process.connected) process.send?.(answer);
}

function addSlot(): Slot {
  const worker = new Worker(threadFile, {
    env: {},
    stdin: false,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16, stackSizeMb: 16 },
  });
  const slot: Slot = { worker };
  slots.push(slot);
  worker.on('message', ({ answer, retire }: FromThread) => {
    release(slot);
    send(answer);
    if (retire) discard(slot);
    next();
  });
  worker.on('error', (error) => fail(slot, /memory/i.test(String((error as { code?: string }).code)) ? 'code_memory' : 'sandbox_crashed', error.message));
  worker.on('exit', () => fail(slot, 'sandbox_crashed', 'The sandbox thread ended.'));
  return slot;
}

function release(slot: Slot): void {
  clearTimeout(slot.timer);
  slot.job = undefined;
}

function discard(slot: Slot): void {
  const index = slots.indexOf(slot);
  if (index >= 0) slots.splice(index, 1);
  slot.worker.removeAllListeners();
  slot.worker.on('error', () => undefined);
  void slot.worker.terminate();
}

function fail(slot: Slot, failure: 'code_memory' | 'code_timeout' | 'sandbox_crashed', message: string): void {
  const job = slot.job;
  release(slot);
  discard(slot);
  if (job) send({ id: job.id, logs: [], failure, message: failure === 'code_memory' ? 'The code needs more memory than the sandbox gives.' : message });
  next();
}

function next(): void {
  const job = waiting[0];
  if (!job) return;
  // the slot that served this organization has its instance at hand
  const slot = slots.find((s) => !s.job) ?? (slots.length < limits.threads ? addSlot() : undefined);
  if (!slot) return;
  waiting.shift();
  slot.job = job;
  slot.timer = setTimeout(() => fail(slot, 'code_timeout', 'The code did not finish in time.'), job.timeoutMs + limits.graceMs);
  slot.worker.postMessage(job);
}

process.on('message', (message: ToRunner) => {
  if ('run' in message) {
    waiting.push(message.run);
    next();
    return;
  }
  const queued = waiting.findIndex((j) => j.id === message.cancel);
  if (queued >= 0) waiting.splice(queued, 1);
  const slot = slots.find((s) => s.job?.id === message.cancel);
  if (slot) {
    release(slot);
    discard(slot);
    next();
  }
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group; the parent decides when this process ends
process.on('SIGINT', () => undefined);
