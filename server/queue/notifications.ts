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

/** Stops listening, at shutdown and after tests. */
export async function closeNotifications(): Promise<void> {
  const listener = shared.listener;
  shared.listener = undefined;
  shared.byRun.clear();
  await listener?.close();
}
