import * as z from 'zod';
import { defineNode } from '@/core/node/definition';
import { durationSetting } from '@/core/node/duration-setting';
import { timezoneSetting } from '@/core/node/timezone-setting';

export const delayConfig = z
  .strictObject({
    for: durationSetting().optional().describe('How long to wait. Give this or a time.').meta({ title: 'Wait for', widget: 'duration', placeholder: '5m' }),
    until: z
      .union([z.string().min(1), z.number()])
      .optional()
      .describe(
        'Instead of a duration: a date and time such as `2027-01-31T09:00:00Z`, or `09:00` for the next time the clock shows it. In the past: goes on at once.',
      )
      .meta({ title: 'Wait until', widget: 'date-time', placeholder: '{{ input.dueAt }}' }),
    timezone: timezoneSetting()
      .optional()
      .describe('Whose clock a time without an offset is of, daylight saving included; without one UTC.')
      .meta({ title: 'Time zone', widget: 'timezone', placeholder: 'Europe/Berlin' }),
  })
  .refine((c) => (c.for === undefined) !== (c.until === undefined), { error: 'wants either a duration or a time', path: ['for'] });

export default defineNode({
  type: 'delay',
  title: 'Delay',
  description: 'Waits for a while or until a time, without occupying anything, and then hands on what came in.',
  category: 'flow',
  icon: 'Hourglass',
  color: 'yellow',
  kind: 'step',
  config: delayConfig,
  defaults: { for: '1m' },
  execution: 'task',
  subtitle: ({ for: duration, until, timezone }) => {
    if (until !== undefined) return `Until ${String(until)}${typeof timezone === 'string' && timezone ? `, ${timezone}` : ''}`;
    return duration ? `For ${String(duration)}` : 'No time set';
  },
});
