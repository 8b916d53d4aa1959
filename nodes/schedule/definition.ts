import { Cron } from 'croner';
import * as z from 'zod';
import { defineNode } from '@/core/node/definition';
import { timezoneSetting } from '@/core/node/timezone-setting';
import { describeCron } from './describe-cron';

const isCron = (value: string): boolean => {
  try {
    return new Cron(value, { paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
};
export default defineNode({
  type: 'schedule',
  title: 'Schedule',
  description: 'Starts a run at fixed times.',
  category: 'trigger',
  icon: 'Clock',
  color: 'cyan',
  kind: 'trigger',
  config: z.strictObject({
    cron: z
      .string()
      .refine(isCron, 'wants a cron expression that still has a next time, minute hour day month weekday: 0 9 * * 1-5')
      .describe('Minute, hour, day of month, month, day of week: `0 9 * * 1-5` is nine o’clock on weekdays.')
      .meta({ title: 'When', widget: 'cron', placeholder: '0 9 * * *' }),
    timezone: timezoneSetting()
      .default('UTC')
      .describe('The place whose clock counts, daylight saving included.')
      .meta({ title: 'Time zone', widget: 'timezone', placeholder: 'Europe/Berlin' }),
  }),
  defaults: { cron: '0 9 * * *', timezone: 'UTC' },
  execution: 'inline',
  subtitle: ({ cron, timezone }) => {
    if (typeof cron !== 'string' || !cron) return 'No time set';
    return timezone && timezone !== 'UTC' ? `${describeCron(cron)}, ${String(timezone)}` : describeCron(cron);
  },
});
