import * as z from 'zod';
import { defineNode } from '@/core/node/definition';

export default defineNode({
  type: 'log',
  title: 'Log',
  description: 'Writes a line into the run’s log and hands on what came in.',
  category: 'data',
  icon: 'Notes',
  color: 'gray',
  kind: 'step',
  config: z.strictObject({
    level: z.enum(['debug', 'info', 'warn', 'error']).default('info').meta({ title: 'Level', widget: 'select' }),
    message: z.any().describe('Text, or any value.').meta({ title: 'Message', widget: 'textarea', placeholder: 'Got {{ size(data.items) }} items' }),
  }),
  defaults: { level: 'info', message: '{{ data }}' },
  execution: 'inline',
  subtitle: ({ level = 'info', message }) =>
    `${String(level)}: ${typeof message === 'string' ? message : message === undefined ? 'nothing yet' : JSON.stringify(message)}`,
});
