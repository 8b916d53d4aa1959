import { Cron } from 'croner';
import type { z } from 'zod';
import { type NodeExecutor, StepError } from '@/core/node/executor';
import { parseDuration } from '@/core/workflow/duration';
import type { delayConfig } from './definition';

type Config = z.infer<typeof delayConfig>;
const longest = 366 * 86_400_000;
const ofClock = /^([01]?\d|2[0-3]):([0-5]\d)$/;
const withoutOffset = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/;

/** Asks the engine to wait, after which `data` is handed on; a time that is past hands it on at once. */
const delay: NodeExecutor<Config> = (config, { data, now }) => {
  const until = wakeTime(config, now);
  if (until - now > longest) throw new StepError('too_long', 'A delay may last 366 days at most.', { retryable: false });
  return until <= now ? { output: data } : { wait: { until } };
};
export default delay;

function wakeTime({ for: duration, until, timezone = 'UTC' }: Config, now: number): number {
  if (duration !== undefined) return now + (parseDuration(duration.trim()) ?? 0);
  if (typeof until === 'number') return until;
  const text = (until ?? '').trim();
  const [, hour, minute] = ofClock.exec(text) ?? [];
  const time = hour
    ? clockTime(`${Number(minute)} ${Number(hour)} * * *`, timezone, now)
    : withoutOffset.test(text)
      ? clockTime(text, timezone, 0)
      : Date.parse(text);
  if (Number.isNaN(time)) {
    throw new StepError('invalid_time', `"${text}" is no time; it wants the form 2027-01-31T09:00:00Z, or 09:00 for the next time the clock shows it.`, {
      retryable: false,
    });
  }
  return time;
}

/** The first time after `after` that a cron pattern or a date names by the clock of a place. */
function clockTime(pattern: string, timezone: string, after: number): number {
  try {
    return new Cron(pattern, { timezone, paused: true }).nextRun(new Date(after))?.getTime() ?? Number.NaN;
  } catch {
    return Number.NaN;
  }
}
