import * as z from 'zod';
import { defineNode } from '@/core/node/definition';
import { durationSetting } from '@/core/node/duration-setting';

export const delayConfig = z
  .strictObject({
    for: durationSetting().optional().describe('How long to wait. Give this or a time.').meta({ title: 'Wait for', widget: 'duration', placeholder: '5m' }),
    until: z
      .union([z.string().min(1), z.number()])
      .optional()
      .describe('A date and time such as `2027-01-31T09:00:00Z`, instead of a duration. In the past: goes on at once.')
      .meta({ title: 'Wait until', widget: 'date-time', placeholder: '{{ input.dueAt }}' }),
  })
  .refine((c) => (c.for === undefined) !== (c.until === undefined), { error: 'wants either a duration or a time', path: ['for'] });

export default defineNode({
  type: 'delay',
  title: 'Delay',
  description: 'Waits, without occupying anything, and then hands on what came in.',
  category: 'flow',
  icon: 'Hourglass',
  color: 'yellow',
  kind: 'step',
  config: delayConfig,
  defaults: { for: '1m' },
  execution: 'task',
  subtitle: (c) => (c.until !== undefined ? `Until ${String(c.until)}` : c.for ? `For ${String(c.for)}` : 'No time set'),
});
