import * as z from 'zod';
import { defineNode } from '@/core/node/definition';
import { timeoutSettings } from '@/core/node/timeout-settings';

const request = z.strictObject({
  method: z.enum(['POST', 'PUT', 'PATCH', 'GET', 'DELETE']).default('POST').meta({ title: 'Method' }),
  url: z.string().min(1, 'wants an address').meta({ title: 'Address' }),
  headers: z.record(z.string(), z.string()).default({}).meta({ title: 'Headers' }),
  body: z.any().optional().meta({ title: 'Body' }),
  credential: z.string().min(1).optional().meta({ title: 'Credential' }),
});

export const callbackConfig = z.strictObject({
  request: request
    .optional()
    .describe('Sent first, to tell the other side where to call: `{url, method, headers, body, credential}`. Without it, an earlier step tells.')
    .meta({
      title: 'Request to send first',
      widget: 'json',
      placeholder: '{"url": "https://api.example.com/jobs", "body": {"notify": "{{ run.callbackUrl }}/STEP"}}',
    }),
  ...timeoutSettings(),
});

export default defineNode({
  type: 'callback',
  title: 'Wait for a callback',
  description:
    'Waits, without occupying anything, until somebody calls the address {{ run.callbackUrl }}/STEP (the id of this step); what is sent is the output.',
  category: 'network',
  icon: 'PhoneIncoming',
  color: 'blue',
  kind: 'step',
  config: callbackConfig,
  defaults: { timeout: '1d' },
  execution: 'task',
  subtitle: ({ request: first, timeout }) => {
    const url = first && typeof first === 'object' ? (first as { url?: unknown }).url : undefined;
    const what = typeof url === 'string' && url ? `After asking ${url.replace(/^https?:\/\//, '').replace(/[/?].*$/s, '')}` : 'Until it is called';
    return timeout ? `${what}, at most ${String(timeout)}` : what;
  },
  sample: { method: 'POST', query: {}, headers: { 'content-type': 'application/json' }, body: { status: 'done' } },
});
