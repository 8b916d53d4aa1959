import type { RunEvent } from '@/core/engine/events';
import type { Context } from '@/server/auth/context';
import { listenForRuns, watchRun } from '@/server/queue/notifications';
import { readRunEvents } from './read-run-events';

/** Asked again while a stream is open, so that a revoked session or a lost membership closes it within 5 s. Throws to close. */
export type StillAllowed = () => Promise<Context>;

// with the 3 s that sessions, keys and memberships are cached, within 5 s (security.md R17)
const recheckMs = 2_000;
const batch = 500;

/**
 * The events of a run from after `after` until it ends, live. Notifications only wake; the log is the truth, so nothing is lost or
 * repeated over a reconnect. Returns when the run has ended or `signal` aborts; throws NotFound, Forbidden, Unauthenticated.
 */
export async function* followRun(stillAllowed: StillAllowed, input: { runId: string; after?: number }, signal: AbortSignal): AsyncGenerator<RunEvent, void> {
  let after = input.after ?? 0;
  let notified = false;
  let wake: () => void = () => {};
  const stir = () => {
    notified = true;
    wake();
  };
  const stop = watchRun(input.runId, stir);
  signal.addEventListener('abort', stir, { once: true });
  try {
    // the first stream of a process: what is committed before LISTEN took hold would be noticed a recheck later
    await listenForRuns().catch(() => {});
    let ctx = await stillAllowed();
    let checkedAt = Date.now();
    while (!signal.aborted) {
      notified = false;
      const { events, more, ended } = await readRunEvents(ctx, { runId: input.runId, after, limit: batch });
      for (const event of events) {
        yield event;
        after = event.seq;
      }
      if (ended) return;
      if (!more && !notified) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, recheckMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      if (Date.now() - checkedAt >= recheckMs) {
        ctx = await stillAllowed();
        checkedAt = Date.now();
      }
    }
  } finally {
    stop();
    signal.removeEventListener('abort', stir);
  }
}
