import { enginePool } from './engine-pool';
import { Listener } from './listener';

type Callback = () => void;
interface Watchers {
  byRun: Map<string, Set<Callback>>;
  listener?: Listener;
}
/** On globalThis: Next bundles this module apart from the custom server, and one LISTEN connection a process is enough. */
const shared: Watchers = ((globalThis as { __heddleRuns?: Watchers }).__heddleRuns ??= { byRun: new Map() });

/** 22 characters instead of 36: a NOTIFY payload holds 8,000 bytes and names every run of a flush. */
export function shortRunId(runId: string): string {
  return Buffer.from(runId.replaceAll('-', ''), 'hex').toString('base64url');
}

function wakeAll(): void {
  for (const callbacks of shared.byRun.values()) for (const callback of callbacks) callback();
}

/** Starts listening for run events in this process; resolves when a commit from now on is heard. */
export function listenForRuns(): Promise<void> {
  shared.listener ??= new Listener(
    'run listener',
    {
      heddle_run: (payload) => {
        if (payload === '*') return wakeAll();
        for (let i = 0; i < payload.length; i += 22) for (const callback of shared.byRun.get(payload.slice(i, i + 22)) ?? []) callback();
      },
    },
    wakeAll,
  );
  return shared.listener.start();
}

/** Calls back whenever the run may have new events. It only wakes; read run_event for the truth. Returns the function that stops it. */
export function watchRun(runId: string, callback: Callback): () => void {
  const key = shortRunId(runId);
  const callbacks = shared.byRun.get(key) ?? new Set();
  callbacks.add(callback);
  shared.byRun.set(key, callbacks);
  listenForRuns().catch(() => {});
  return () => {
    callbacks.delete(callback);
    if (callbacks.size === 0) shared.byRun.delete(key);
  };
}

/** Waits until the run has ended, at most `ms`. True when it has; false when time ran out, the run is absent or `signal` aborted. */
export async function waitForRun(organizationId: string, runId: string, ms: number, signal?: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + ms;
  let wake: Callback = () => {};
  let pending = false;
  const onEvent = () => {
    pending = true;
    wake();
  };
  const stop = watchRun(runId, onEvent);
  signal?.addEventListener('abort', onEvent, { once: true });
  try {
    await listenForRuns();
    for (;;) {
      pending = false;
      const { rows } = await enginePool().query({
        name: 'run-status',
        text: 'SELECT status FROM run WHERE organization_id = $1 AND id = $2',
        values: [organizationId, runId],
      });
      if (!rows[0]) return false;
      if (['succeeded', 'failed', 'cancelled'].includes(rows[0].status)) return true;
      const left = deadline - Date.now();
      if (left <= 0 || signal?.aborted) return false;
      if (!pending)
        await sleepOrWake(left, (w) => {
          wake = w;
        });
    }
  } finally {
    stop();
    signal?.removeEventListener('abort', onEvent);
  }
}

function sleepOrWake(ms: number, offer: (wake: Callback) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    offer(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Stops listening, at shutdown and after tests. */
export async function closeNotifications(): Promise<void> {
  const listener = shared.listener;
  shared.listener = undefined;
  shared.byRun.clear();
  await listener?.close();
}
