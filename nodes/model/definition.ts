import * as z from 'zod';
import { defineNode } from '@/core/node/definition';

export const modelConfig = z.strictObject({
  model: z
    .string()
    .min(1)
    .default('sandbox/default')
    .describe('`sandbox` simulates answers without any provider. Connect one under Settings, Credentials.')
    .meta({ title: 'Model', widget: 'model' }),
  system: z.string().optional().describe('Who the model is and how it should answer.').meta({ title: 'Instructions', widget: 'textarea' }),
  prompt: z.string().min(1, 'wants a prompt').meta({ title: 'Prompt', widget: 'textarea', placeholder: 'Summarise this: {{ data.body }}' }),
  schema: z
    .record(z.string(), z.any())
    .optional()
    .describe('A JSON Schema: the model then answers with such an object.')
    .meta({ title: 'Structured answer', widget: 'json', advanced: true }),
  temperature: z.number().min(0).max(2).optional().meta({ title: 'Temperature', advanced: true }),
  maxOutputTokens: z.number().int().min(1).max(200_000).optional().meta({ title: 'Longest answer', unit: 'tokens', advanced: true }),
});

export default defineNode({
  type: 'model',
  title: 'Model',
  description: 'Asks a language model.',
  category: 'ai',
  icon: 'Sparkles',
  color: 'violet',
  kind: 'step',
  config: modelConfig,
  defaults: { model: 'sandbox/default', prompt: 'Summarise this:\n\n{{ data }}' },
  execution: 'task',
  subtitle: ({ model, prompt }) => {
    const name = String(model ?? 'sandbox/default');
    const first = typeof prompt === 'string' ? prompt.split('\n')[0] : '';
    return first ? `${name}: ${first}` : name;
  },
  sample: { text: 'Three orders are late.', model: 'sandbox/default', simulated: true, usage: { inputTokens: 120, outputTokens: 8 } },
});
