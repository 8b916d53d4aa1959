import type { z } from 'zod';
import type { NodeExecutor } from '@/core/node/executor';
import type { searchConfig } from './definition';

/** The best passages, best first; an empty list when nothing fits. */
const search: NodeExecutor<z.infer<typeof searchConfig>> = async (config, context) => {
  const results = await context.services.search.search(config, context.signal);
  return { output: results.map((result) => ({ ...result })) };
};
export default search;
