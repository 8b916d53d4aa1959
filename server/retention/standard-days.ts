import { env } from '@/server/env';

/** Days that runs are kept where an organization chose nothing; null: for ever. */
export function standardDays(): number | null {
  return env().HEDDLE_RETENTION_DAYS || null;
}
