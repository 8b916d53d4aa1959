/**
 * When a breaker opens and for how long. The figures that the database decides by (at least 10 calls in 30 s, half of them failed, 30 s to 5 min open,
 * 15 s for a probe) stand in migration 1002; these are what a process adds.
 */
export const circuitPolicy = {
  /** how long a call counts, in buckets of `bucketMs` */
  windowMs: 30_000,
  bucketMs: 3_000,
  /** what was counted is told at most this often, and only of targets that fail */
  reportMs: 250,
  /** a probe says so often that it is still under way */
  renewMs: 5_000,
  /** while one call probes, others are told to come back after this */
  probingMs: 2_000,
} as const;

/** Codes of failed calls that speak against the target: nobody answered, or not in time. Everything else is the caller's own fault or says nothing. */
const failureCodes = new Set(['connection_refused', 'connection_lost', 'dns_failed', 'request_failed', 'timeout', 'tls_failed', 'unreachable']);

/** Whether an answer with this status speaks against the target: 5xx and 429, no other 4xx. */
export const isFailureStatus = (status: number): boolean => status >= 500 || status === 429;

/** How a call ended, as far as the target is concerned. `neutral`: it never got there, or was given up. */
export type CallOutcome = { ok: true } | { ok: false; code: string; message: string } | 'neutral';

/** Judges an error of a call; `status` in its details is what the target answered. */
export function outcomeOfError(error: unknown): CallOutcome {
  const { code, message, details } = error as { code?: unknown; message?: unknown; details?: { status?: unknown } };
  if (typeof code !== 'string') return 'neutral';
  const failed = { ok: false as const, code, message: String(message ?? '').slice(0, 500) };
  const status = details?.status;
  if (typeof status === 'number' && status > 0) return isFailureStatus(status) ? failed : { ok: true };
  return failureCodes.has(code) ? failed : 'neutral';
}
