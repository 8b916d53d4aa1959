// Loaded into the worker processes of the crash suite alone (NODE_OPTIONS=--import). What a broken machine or a poisonous step does to a process,
// without a line for it in the product: requests to the sink's /poison take the process down, and SIGUSR2 sets its wall clock.
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync, readFileSync } from 'node:fs';

const { CHAOS_NAME: name = '', CHAOS_CLOCK: clockFile, CHAOS_TRIES: tries = '/dev/null' } = process.env;
let offset = 0;
let installed = false;

if (name) {
  subscribe('undici:request:create', ({ request }) => {
    request.addHeader('x-chaos-process', `${name}/${process.pid}`);
    if (!request.path.startsWith('/poison/')) return;
    appendFileSync(tries, `${JSON.stringify({ at: Date.now() - offset, path: request.path, pid: process.pid })}\n`);
    if (request.path.startsWith('/poison/exit')) process.kill(process.pid, 'SIGKILL');
    exhaustMemory();
  });
  if (clockFile) {
    readClock();
    process.on('SIGUSR2', readClock);
  }
}

/** Until V8 gives up, as a native module or a huge document would: the process aborts. */
function exhaustMemory() {
  const hoard = [];
  for (;;) hoard.push(new Array(100_000).fill(hoard.length + 0.5));
}

/** Shifts Date; performance.now() and timers go on as they are, as on a machine whose clock is set. */
function readClock() {
  try {
    offset = Number(readFileSync(clockFile, 'utf8')) || 0;
  } catch {
    offset = 0;
  }
  if (installed) return;
  installed = true;
  const Real = Date;
  const realNow = Real.now.bind(Real);
  const now = () => realNow() + offset;
  Real.now = now;
  globalThis.Date = new Proxy(Real, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: (target) => new target(now()).toString(),
  });
}
