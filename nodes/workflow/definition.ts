import * as z from 'zod';
import { defineNode } from '@/core/node/definition';

export const versionPattern = /^(current|\d{1,9}|>=\s?\d{1,9}|<=\s?\d{1,9}|\d{1,9}\s?-\s?\d{1,9})$/;

export const workflowConfig = z.strictObject({
  workflow: z
    .string()
    .min(1, 'wants the slug of a workflow')
    .describe('The workflow to run, by its slug.')
    .meta({ title: 'Workflow', widget: 'workflow', placeholder: 'enrich-customer' }),
  version: z
    .union([z.int().min(1), z.string().regex(versionPattern, 'wants current, a number such as 3, or a range such as >=3 or 3-5')])
    .default('current')
    .describe('`current`, a number, or a range such as `>=3` or `3-5`: the newest version in it.')
    .meta({ title: 'Version', widget: 'text', placeholder: 'current' }),
  input: z
    .unknown()
    .optional()
    .describe('What the run is given; without it, what comes into this step.')
    .meta({ title: 'Input', widget: 'template', placeholder: '{"id": "{{ data.id }}"}' }),
  mode: z
    .enum(['wait', 'detach'])
    .default('wait')
    .describe('Wait for its end and hand on its output, or only start it.')
    .meta({ title: 'Then', widget: 'select', labels: { wait: 'Wait for its output', detach: 'Only start it' } }),
});

export default defineNode({
  type: 'workflow',
  title: 'Run a workflow',
  description: 'Runs another workflow as a step of this one, and waits for its output or not.',
  category: 'flow',
  icon: 'Sitemap',
  color: 'violet',
  kind: 'step',
  config: workflowConfig,
  defaults: { workflow: '' },
  execution: 'task',
  subtitle: ({ workflow, mode }) =>
    typeof workflow !== 'string' || workflow === '' ? 'No workflow chosen' : mode === 'detach' ? `Starts ${workflow}` : `Runs ${workflow}`,
});
