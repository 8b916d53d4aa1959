import * as z from 'zod';
import { defineNode } from '@/core/node/definition';
import { durationSetting } from '@/core/node/duration-setting';

export const codeConfig = z.strictObject({
  source: z
    .string()
    .max(100_000)
    .describe('JavaScript. `data` is what comes in, `input` the run’s input; what you `return` is the output. No network, no files.')
    .meta({ title: 'Code', widget: 'code', language: 'javascript' }),
  values: z
    .record(z.string().regex(/^[A-Za-z_$][A-Za-z0-9_$]{0,63}$/, 'wants a JavaScript name'), z.any())
    .default({})
    .describe('More constants for the code, by name.')
    .meta({ title: 'Values', widget: 'template', advanced: true }),
  timeout: durationSetting()
    .default('5s')
    .describe('The code is stopped after this time, 30 seconds at most.')
    .meta({ title: 'Time limit', widget: 'duration', advanced: true }),
});

export default defineNode({
  type: 'code',
  title: 'Code',
  description: 'Runs JavaScript of your own in a sandbox.',
  category: 'code',
  icon: 'Code',
  color: 'dark',
  kind: 'step',
  config: codeConfig,
  defaults: { source: '// data is what comes in\nreturn data;\n' },
  verbatim: ['source'],
  execution: 'task',
  subtitle: ({ source }) => {
    const lines = typeof source === 'string' ? source.split('\n').map((l) => l.trim()) : [];
    const comment = lines.find((l) => l.startsWith('//'))?.replace(/^\/\/\s*/, '');
    const code = lines.filter((l) => l && !l.startsWith('//'));
    return comment || code[0] || 'No code yet';
  },
});
