import * as z from 'zod';
import { defineNode } from '@/core/node/definition';

export default defineNode({
  type: 'while',
  title: 'While',
  description: 'Does its steps again and again as long as something is true, up to a maximum.',
  category: 'flow',
  icon: 'RefreshDot',
  color: 'violet',
  kind: 'step',
  config: z.strictObject({
    while: z
      .union([z.boolean(), z.string().min(1)], { error: 'wants an expression that is true or false' })
      .describe('Asked before each round. `item` is what the round before gave (null at first), `index` the number of rounds so far.')
      .meta({ title: 'As long as', widget: 'expression', placeholder: 'index < 3 || item.status != "done"' }),
    max: z
      .int('wants a whole number')
      .min(1, 'wants 1 or more')
      .max(100_000, 'wants at most 100000')
      .default(100)
      .describe('The step fails when the condition still holds after this many rounds.')
      .meta({ title: 'At most', unit: 'rounds' }),
    results: z.boolean().default(true).describe('Off: the output only has the last result and the count.').meta({ title: 'Keep the results', advanced: true }),
  }),
  defaults: { while: 'index < 3', max: 100 },
  expressions: ['while'],
  execution: 'inline',
  container: 'while',
  subtitle: ({ while: test }) => (test === undefined || test === '' ? 'No condition yet' : `While ${String(test)}`),
  sample: { results: [], last: null, count: 0 },
});
