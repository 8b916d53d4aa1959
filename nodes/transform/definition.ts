import * as z from 'zod';
import { defineNode } from '@/core/node/definition';

function outline(value: unknown): string {
  if (typeof value === 'string') return value.replace(/^\{\{\s*|\s*\}\}$/g, '');
  if (Array.isArray(value)) return `A list of ${value.length}`;
  if (value && typeof value === 'object') return Object.keys(value).join(', ') || 'An empty object';
  return value === undefined ? 'Nothing set yet' : String(value);
}

export default defineNode({
  type: 'transform',
  title: 'Transform',
  description: 'Builds a new value from earlier ones with expressions.',
  category: 'data',
  icon: 'Wand',
  color: 'teal',
  kind: 'step',
  config: z.strictObject({
    value: z
      .any()
      .describe('The output. Any text in it may hold `{{ expressions }}`; a text that is one expression alone keeps its type.')
      .meta({ title: 'Output', widget: 'template', placeholder: '{{ data.items.map(i, i.price) }}' }),
  }),
  defaults: { value: { result: '{{ data }}' } },
  execution: 'inline',
  subtitle: ({ value }) => outline(value),
});
