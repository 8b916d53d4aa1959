import { Cron } from 'croner';

/** The first time after `after` at which a cron pattern fires by the clock of `timezone`; null when it never fires again. Throws on a pattern or zone that is not one. */
export function nextTime(cron: string, timezone: string, after: Date): Date | null {
  return new Cron(cron, { timezone, paused: true }).nextRun(after);
}
