import type { RetryPolicy } from '@/core/workflow/workflow';

/** Whether an error code is one of these patterns: `timeout`, `http_5*`. */
function isOneOf(code: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const [head = '', ...rest] = pattern.split('*');
    if (rest.length === 0) return code === head;
    const tail = rest.pop() ?? '';
    let at = head.length;
    if (!code.startsWith(head) || code.length < head.length + tail.length || !code.endsWith(tail)) return false;
    for (const part of rest) {
      const found = code.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= code.length - tail.length;
  });
}

/** Whether the policy tries again after an error of this code, going by its `on` and `except`. */
export function retriesCode({ on, except }: RetryPolicy, code: string): boolean {
  return (on === undefined || isOneOf(code, on)) && !(except !== undefined && isOneOf(code, except));
}

/**
 * When the next attempt may start, ms since the epoch, or undefined when the policy is exhausted. `attempt` is the one that just failed, from 1.
 * `random` in [0, 1) spreads the delay over its upper half (equal jitter), so that runs that failed together do not return together; `jitter: false` does not.
 */
export function nextAttemptAt(policy: RetryPolicy | undefined, attempt: number, now: number, random: number): number | undefined {
  if (!policy || attempt > policy.attempts) return undefined;
  const factor = policy.backoff === 'fixed' ? 1 : policy.backoff === 'linear' ? attempt : 2 ** Math.min(attempt - 1, 30);
  const delay = Math.min(policy.maxDelay, policy.delay * factor);
  if (policy.jitter === false) return Math.ceil(now + delay);
  return Math.ceil(now + delay / 2 + (delay / 2) * random);
}
