import type { z } from 'zod';
import { type NodeExecutor, StepError } from '@/core/node/executor';
import { parseDuration } from '@/core/workflow/duration';
import type { delayConfig } from './definition';

const longest = 366 * 86_400_000;

/** Asks the engine to wait, after which `data` is handed on; a time that is past hands it on at once. */
const delay: NodeExecutor<z.infer<typeof delayConfig>> = (config, { data, now }) => {
  const until = wakeTime(config, now);
  if (until - now > longest) throw new StepError('too_long', 'A delay may last 366 days at most.', { retryable: false });
  return until <= now ? { output: data } : { wait: { until } };
};
export default delay;

function wakeTime(config: z.infer<typeof delayConfig>, now: number): number {
  if (config.for !== undefined) return now + (parseDuration(config.for) ?? 0);
  const until = typeof config.until === 'number' ? config.until : Date.parse(config.until ?? '');
  if (Number.isNaN(until)) {
    throw new StepError('invalid_time', `"${config.until}" is no date and time; it wants the form 2027-01-31T09:00:00Z.`, { retryable: false });
  }
  return until;
}
