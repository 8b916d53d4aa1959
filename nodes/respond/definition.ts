import * as z from 'zod';
import { defineNode } from '@/core/node/definition';

export default defineNode({
  type: 'respond',
  title: 'Respond',
  description: 'Sets the answer of a webhook that waits for the run.',
  category: 'network',
  icon: 'ArrowBackUp',
  color: 'grape',
  kind: 'step',
  config: z.strictObject({
    status: z.number().int().min(200).max(599).default(200).meta({ title: 'Status' }),
    headers: z.record(z.string(), z.string()).default({}).meta({ title: 'Headers', widget: 'key-value', advanced: true }),
    body: z.any().optional().describe('Without one, the output of the step before.').meta({ title: 'Body', widget: 'template', placeholder: '{{ data }}' }),
  }),
  defaults: { status: 200, body: '{{ data }}' },
  execution: 'inline',
  subtitle: ({ status = 200, body }) => {
    const what = typeof body === 'string' ? body : body && typeof body === 'object' ? Object.keys(body).join(', ') : '';
    return what ? `${String(status)} with ${what}` : String(status);
  },
});
