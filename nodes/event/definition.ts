import * as z from 'zod';
import { defineNode } from '@/core/node/definition';
import { isEventPattern } from '@/core/workflow/event-pattern';

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
  }),
  defaults: { pattern: '' },
  execution: 'inline',
  subtitle: ({ pattern }) => (typeof pattern === 'string' && pattern ? pattern : 'No event type yet'),
});
