import * as z from 'zod';
import { defineNode } from '@/core/node/definition';
import { timeoutSettings } from '@/core/node/timeout-settings';
import { signalNamePattern } from '@/core/workflow/signal-name';

export const signalConfig = z.strictObject({
  name: z
    .string()
    .regex(signalNamePattern, 'wants letters, digits, _ . or -, at most 100')
    .describe('Sent with `POST /api/v1/runs/RUN/signals/NAME`, with `heddle signal`, or on the page of the run.')
    .meta({ title: 'Name of the signal', widget: 'text', placeholder: 'payment-received' }),
  message: z
    .string()
    .max(2_000)
    .optional()
    .describe('Shown to people who may send it from the page of the run.')
    .meta({ title: 'What it is for', widget: 'textarea', placeholder: 'Send this when the goods have arrived.' }),
  ...timeoutSettings(),
});

export default defineNode({
  type: 'signal',
  title: 'Wait for a signal',
  description: 'Waits, without occupying anything, until somebody or something sends this run a signal; its data is the output.',
  category: 'flow',
  icon: 'Broadcast',
  color: 'yellow',
  kind: 'step',
  config: signalConfig,
  defaults: { name: '', timeout: '1d' },
  execution: 'task',
  subtitle: ({ name, timeout }) => {
    if (typeof name !== 'string' || !name) return 'No signal named';
    return timeout ? `${name}, at most ${String(timeout)}` : name;
  },
  sample: { paid: true, amount: 129.5 },
});
