import type { ChildProcess } from 'node:child_process';

const pingMs = 10_000;
const patience = 6;

/**
 * Ends a process whose event loop has stood still for a minute: it hangs in what it executes, and nobody else would notice. Counted in questions that
 * were not answered, not in time, so that a suspended machine costs nobody his life. The other side is in serveProcess.
 */
export function watchPulse(child: ChildProcess, everyMs: number = pingMs): void {
  let unanswered = 0;
  const timer = setInterval(() => {
    if (unanswered >= patience) return void child.kill('SIGKILL');
    unanswered++;
    if (child.connected) child.send({ type: 'ping' }, () => {});
  }, everyMs);
  timer.unref();
  child.on('message', (message) => {
    if ((message as { type?: string }).type === 'pong') unanswered = 0;
  });
  child.once('exit', () => clearInterval(timer));
}

/** Answers the questions of watchPulse; called by the process that is watched. */
export function showPulse(): void {
  process.on('message', (message) => {
    if ((message as { type?: string }).type === 'ping' && process.connected) process.send?.({ type: 'pong' });
  });
}
