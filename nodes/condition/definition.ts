import * as z from 'zod';
import { defineNode } from '@/core/node/definition';

export default defineNode({
  type: 'condition',
  title: 'Condition',
  description: 'Goes one way when something is true and another way when it is not.',
  category: 'flow',
  icon: 'GitBranch',
  color: 'orange',
  kind: 'step',
  config: z.strictObject({
    if: z
      .union([z.boolean(), z.string().min(1)], { error: 'wants an expression that is true or false' })
      .describe('An expression that is true or false, such as `data.total > 500`.')
      .meta({ title: 'If', widget: 'expression', placeholder: 'data.total > 500' }),
  }),
  defaults: { if: 'true' },
  ports: [
    { id: 'true', label: 'true' },
    { id: 'false', label: 'false' },
  ],
  expressions: ['if'],
  execution: 'inline',
  subtitle: ({ if: test }) => (test === undefined || test === '' ? 'No condition yet' : `If ${String(test)}`),
});
