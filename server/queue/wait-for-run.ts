import { isTerminal, type RunStatus } from '@/core/engine/events';
import { enginePool } from './engine-pool';
import { listenForRuns, watchRun } from './notifications';

/** Waits until the run has ended, at most `ms`. True when it has; false when time ran out, the run is absent or `signal` aborted. */
export async function waitForRun(organizationId: string, runId: string, ms: number, signal?: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + ms;
  let wake = () => {};
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
      const { rows } = await enginePool().query<{ status: RunStatus }>({
        name: 'run-status',
        text: 'SELECT status FROM run WHERE organization_id = $1 AND id = $2',
        values: [organizationId, runId],
      });
      if (!rows[0]) return false;
      if (isTerminal(rows[0].status)) return true;
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

function sleepOrWake(ms: number, offer: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    offer(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
