import * as z from 'zod';
import { defineNode } from '@/core/node/definition';
import { exampleEvent, isEventPattern } from '@/core/workflow/event-pattern';

export default defineNode({
  type: 'event',
  title: 'Event',
  description: 'Starts a run when an event of a matching type is sent to the organization; the input holds its type, subject, data, id and time.',
  category: 'trigger',
  icon: 'Bolt',
  color: 'yellow',
  kind: 'trigger',
  config: z.strictObject({
    pattern: z
      .string()
      .refine(isEventPattern, 'wants a type of event such as order.created, order.* or order.**')
      .describe('The type of event. `*` stands for one part, `**` for any number of parts: `order.*` takes order.created, `order.**` order.created.eu too.')
      .meta({ title: 'Event type', widget: 'text', placeholder: 'order.*' }),
    filter: z
      .string()
      .min(1, 'wants an expression over event, or nothing')
      .max(10_240)
      .optional()
      .describe('Only events for which this is true start a run. `event` has type, subject, data, id and at.')
      .meta({ title: 'Only when', widget: 'expression', placeholder: 'event.data.total > 100', names: { event: exampleEvent } }),
  }),
  defaults: { pattern: '' },
  expressions: ['filter'],
  execution: 'inline',
  subtitle: ({ pattern, filter }) => {
    if (typeof pattern !== 'string' || !pattern) return 'No event type yet';
    return typeof filter === 'string' && filter ? `${pattern} when ${filter}` : pattern;
  },
});
