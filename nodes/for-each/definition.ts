import * as z from 'zod';
import { defineNode } from '@/core/node/definition';

/** What a run keeps in memory and in its log of one list has to end somewhere. */
const mostItems = 100_000;

export default defineNode({
  type: 'for-each',
  title: 'For each',
  description: 'Does its steps for each item of a list, some at a time, and collects what they give in order.',
  category: 'flow',
  icon: 'Repeat',
  color: 'violet',
  kind: 'step',
  config: z.strictObject({
    items: z
      .union([z.array(z.unknown()).max(mostItems, `may have at most ${mostItems.toLocaleString('en-US')} items`), z.string().min(1)], { error: 'wants a list' })
      .refine((items) => Array.isArray(items) || items.includes('{{'), { error: 'wants a list, such as {{ data.rows }}' })
      .describe('The list, such as `{{ data.rows }}`. In the steps inside, `item` is the item and `index` its number from 0.')
      .meta({ title: 'Items', widget: 'template', placeholder: '{{ data.rows }}' }),
    concurrency: z
      .int('wants a whole number')
      .min(1, 'wants 1 or more')
      .max(1_000, 'wants at most 1000')
      .default(1)
      .describe('How many items are worked on at the same time.')
      .meta({ title: 'At the same time', unit: 'items' }),
    errors: z
      .enum(['fail', 'collect'])
      .default('fail')
      .describe('When an item fails for good: stop and fail, or go on and list the errors in the output.')
      .meta({ title: 'When an item fails', widget: 'select', labels: { fail: 'Fail the step at once', collect: 'Go on and collect the errors' } }),
    results: z
      .boolean()
      .default(true)
      .describe('Off: the output only counts. For lists whose results nobody needs together.')
      .meta({ title: 'Keep the results', advanced: true }),
  }),
  defaults: { items: '{{ data }}', concurrency: 1 },
  execution: 'inline',
  container: 'for-each',
  subtitle: ({ items, concurrency }) =>
    `${typeof items === 'string' ? items : 'A list'}${typeof concurrency === 'number' && concurrency > 1 ? `, ${concurrency} at a time` : ''}`,
  sample: [{}],
});
