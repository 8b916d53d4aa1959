import type { DeadLetterReason, DeadLetterStatus } from '@/server/dead-letters/schema';

const statuses: DeadLetterStatus[] = ['open', 'retried', 'discarded'];
const reasons: DeadLetterReason[] = ['exhausted', 'poisoned'];

/** The filter that an address holds; what it does not say is as usual. */
export function readDeadLetterFilter(parameters: { get(name: string): string | null }) {
  const status = statuses.find((s) => s === parameters.get('status')) ?? 'open';
  const reason = reasons.find((r) => r === parameters.get('reason'));
  const q = parameters.get('q')?.trim().slice(0, 200);
  return { status, ...(reason ? { reason } : {}), ...(q ? { q } : {}) };
}
