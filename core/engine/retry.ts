import type { RetryPolicy } from '@/core/workflow/workflow';

/**
 * When the next attempt may start, ms since the epoch, or undefined when the policy is exhausted. `attempt` is the one that just failed, from 1.
 * `random` in [0, 1) spreads the delay over its upper half (equal jitter), so that runs that failed together do not return together.
 */
export function nextAttemptAt(policy: RetryPolicy | undefined, attempt: number, now: number, random: number): number | undefined {
  if (!policy || attempt > policy.attempts) return undefined;
  const factor = policy.backoff === 'fixed' ? 1 : policy.backoff === 'linear' ? attempt : 2 ** Math.min(attempt - 1, 30);
  const delay = Math.min(policy.maxDelay, policy.delay * factor);
  return Math.ceil(now + delay / 2 + (delay / 2) * random);
}
