import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { StillAllowed } from './follow-run';
import { listRuns, type RunSummary } from './list-runs';
import type { listRunsInput } from './schema';

/**
 * The first page of a list of runs, again whenever it changes. A look each second at one index range; with many workers no
 * notification tells of a whole organization. Returns when `signal` aborts.
 */
export async function* followRuns(
  stillAllowed: StillAllowed,
  input: Omit<z.input<typeof listRunsInput>, 'cursor'>,
  signal: AbortSignal,
): AsyncGenerator<RunSummary[], void> {
  let shown: string | undefined;
  while (!signal.aborted) {
    const { items } = await listRuns(await stillAllowed(), input);
    const now = items.map((r) => `${r.id}${r.status}${r.startedAt}${r.workflow.title}`).join();
    if (now !== shown) yield items;
    shown = now;
    await sleep(1_000, undefined, { signal }).catch(() => {});
  }
}
