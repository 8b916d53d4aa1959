import * as z from 'zod';
import { defineNode } from '@/core/node/definition';
import { timeoutSettings } from '@/core/node/timeout-settings';
import { exampleEvent, isEventPattern } from '@/core/workflow/event-pattern';

export const waitForEventConfig = z.strictObject({
  pattern: z
    .string()
    .refine(isEventPattern, 'wants a type of event such as order.paid, order.* or order.**')
    .describe('The type of event. `*` stands for one part, `**` for any number of parts.')
    .meta({ title: 'Event type', widget: 'text', placeholder: 'order.paid' }),
  match: z
    .record(
      z.string().regex(/^(subject|data(\.[A-Za-z_][A-Za-z0-9_]*)+)$/, 'wants subject, or a place such as data.order.id'),
      z.union([z.string(), z.number(), z.boolean()]),
    )
    .default({})
    .describe('Places in the event and the values wanted there: `data.order` = `{{ input.order }}`.')
    .meta({ title: 'Only for', widget: 'key-value' }),
  filter: z
    .string()
    .min(1, 'wants an expression over event, or nothing')
    .max(10_000)
    .optional()
    .describe('Only an event for which this is true counts. `event` has type, subject, data, id and at; it cannot see the run, for that there is “Only for”.')
    .meta({ title: 'Only when', widget: 'expression', placeholder: 'event.data.total > 100', names: { event: exampleEvent }, advanced: true }),
  ...timeoutSettings(),
});

export default defineNode({
  type: 'wait-for-event',
  title: 'Wait for an event',
  description: 'Waits, without occupying anything, until an event of a matching type is sent to the organization; the event is the output.',
  category: 'flow',
  icon: 'Ear',
  color: 'yellow',
  kind: 'step',
  config: waitForEventConfig,
  defaults: { pattern: '', timeout: '1d' },
  verbatim: ['filter'],
  execution: 'task',
  subtitle: ({ pattern, timeout }) => {
    if (typeof pattern !== 'string' || !pattern) return 'No event type yet';
    return timeout ? `${pattern}, at most ${String(timeout)}` : pattern;
  },
  sample: {
    type: 'order.paid',
    subject: 'order-42',
    data: { order: 42, total: 99 },
    id: '01890000-0000-7000-8000-000000000000',
    at: '2027-01-31T09:00:00.000Z',
  },
});
