import * as z from 'zod';
import { defineNode } from '@/core/node/definition';

export default defineNode({
  type: 'pass',
  title: 'Pass through',
  description: 'Hands on what comes in, unchanged. Useful as a joint, or with a condition as a gate.',
  category: 'flow',
  icon: 'ArrowRight',
  color: 'gray',
  kind: 'step',
  config: z.strictObject({}),
  defaults: {},
  execution: 'inline',
  subtitle: () => 'Hands on its input',
});
