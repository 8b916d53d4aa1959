import * as z from 'zod';
import { defineNode } from '@/core/node/definition';

export const mergeModes = ['combine', 'append', 'byStep', 'first'] as const;
const words: Record<string, string> = {
  combine: 'Combines objects',
  append: 'Appends lists',
  byStep: 'Keeps each by step',
  first: 'Takes the first',
};

export default defineNode({
  type: 'merge',
  title: 'Merge',
  description: 'Waits for several branches and makes one value of theirs.',
  category: 'flow',
  icon: 'GitMerge',
  color: 'orange',
  kind: 'step',
  config: z.strictObject({
    mode: z
      .enum(mergeModes)
      .default('byStep')
      .describe('Skipped branches are left out. Order is that of the incoming connections.')
      .meta({
        title: 'How',
        widget: 'select',
        labels: {
          byStep: 'One object, each branch under its step',
          combine: 'Combine objects, later ones win',
          append: 'Append lists into one',
          first: 'The first branch that was not skipped',
        },
      }),
  }),
  defaults: { mode: 'byStep' },
  execution: 'inline',
  subtitle: ({ mode = 'byStep' }) => words[String(mode)] ?? String(mode),
});
