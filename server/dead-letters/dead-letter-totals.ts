import { enginePool } from '@/server/queue/engine-pool';
import type { DeadLetterReason } from './schema';

const freshMs = 5_000;
let known: { at: number; totals: Promise<Record<DeadLetterReason, number>> } | undefined;

/** How many there ever were, of all organizations, by reason; for /metrics. Asked at most every 5 s. */
export function deadLetterTotals(): Promise<Record<DeadLetterReason, number>> {
  if (!known || performance.now() - known.at > freshMs) known = { at: performance.now(), totals: count() };
  return known.totals;
}

async function count(): Promise<Record<DeadLetterReason, number>> {
  const { rows } = await enginePool().query<{ reason: DeadLetterReason; n: number }>('SELECT reason, count(*)::int AS n FROM dead_letter GROUP BY reason');
  const of = (reason: DeadLetterReason) => rows.find((r) => r.reason === reason)?.n ?? 0;
  return { exhausted: of('exhausted'), poisoned: of('poisoned') };
}
