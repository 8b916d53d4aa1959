import * as z from 'zod';
import { defineNode } from '@/core/node/definition';

export const fileFormats = ['text', 'json', 'csv', 'base64'] as const;

export const fileConfig = z.strictObject({
  name: z
    .string()
    .min(1, 'wants a name')
    .max(200)
    .describe('With its ending. The same name of the same step is the same file.')
    .meta({ title: 'Name', widget: 'text', placeholder: 'report-{{ input.customer }}.csv' }),
  format: z
    .enum(fileFormats)
    .default('text')
    .describe('How the content is written.')
    .meta({ title: 'Format', widget: 'select', labels: { text: 'Text', json: 'JSON', csv: 'CSV table', base64: 'Bytes, given as Base64' } }),
  content: z
    .any()
    .optional()
    .describe('Empty: what comes in. Text; for JSON any value; for a table a list of objects or of lists; for bytes Base64 text.')
    .meta({ title: 'Content', widget: 'json', placeholder: '{{ data }}' }),
  contentType: z
    .string()
    .max(200)
    .optional()
    .describe('Empty: what the format and the ending of the name say.')
    .meta({ title: 'Content type', widget: 'text', placeholder: 'application/pdf', advanced: true }),
});

export default defineNode({
  type: 'file',
  title: 'Write a file',
  description: 'Keeps text, a table or bytes as a file of the run, to be downloaded from its page.',
  category: 'data',
  icon: 'FileText',
  color: 'teal',
  kind: 'step',
  config: fileConfig,
  defaults: { name: 'result.json', format: 'json', content: '{{ data }}' },
  execution: 'task',
  subtitle: ({ name }) => (typeof name === 'string' && name !== '' ? name : 'no name yet'),
  sample: { id: '01912d4e-0000-7000-8000-000000000000', name: 'result.json', size: 421, contentType: 'application/json', url: '/api/v1/runs/…/artifacts/…' },
});
