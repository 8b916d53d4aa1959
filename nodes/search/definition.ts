import * as z from 'zod';
import { defineNode } from '@/core/node/definition';

export const searchConfig = z.strictObject({
  query: z
    .string()
    .min(1, 'wants words to look for')
    .describe('Words to look for; the best passages come first.')
    .meta({ title: 'Look for', widget: 'text', placeholder: '{{ input.topic }}' }),
  collection: z
    .enum(['world-factbook'])
    .default('world-factbook')
    .describe('A text collection that comes with Heddle.')
    .meta({ title: 'In', widget: 'select', labels: { 'world-factbook': 'The World Factbook' } }),
  section: z
    .enum(['Background', 'Geography', 'Economy', 'Trade and industry', 'Energy'])
    .optional()
    .describe('Only passages of this part.')
    .meta({ title: 'Part', widget: 'select', showWhen: { setting: 'collection', oneOf: ['world-factbook'] } }),
  limit: z.number().int().min(1).max(50).default(5).meta({ title: 'Most results' }),
});

export default defineNode({
  type: 'search',
  title: 'Search',
  description: 'Finds passages in a text collection.',
  category: 'data',
  icon: 'Search',
  color: 'lime',
  kind: 'step',
  config: searchConfig,
  defaults: { query: '{{ input.topic }}', collection: 'world-factbook', limit: 5 },
  execution: 'task',
  subtitle: ({ query, section }) => (query ? `“${String(query)}”${section ? ` in ${String(section)}` : ''}` : 'Nothing to look for yet'),
  sample: [{ id: 'brazil/economy', title: 'Brazil', section: 'Economy', text: 'Coffee, sugar cane, soybeans…', source: 'The World Factbook', score: 12.4 }],
});
