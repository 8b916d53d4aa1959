import * as z from 'zod';
import { defineNode } from '@/core/node/definition';

export default defineNode({
  type: 'manual',
  title: 'Manual start',
  description: 'Starts a run when somebody presses Run or calls the API.',
  category: 'trigger',
  icon: 'PlayerPlay',
  color: 'indigo',
  kind: 'trigger',
  config: z.strictObject({}),
  defaults: {},
  execution: 'inline',
  subtitle: () => 'Run button or API',
});
