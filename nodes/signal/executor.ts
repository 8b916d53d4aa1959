import type { z } from 'zod';
import type { NodeExecutor } from '@/core/node/executor';
import { timeoutOf } from '@/core/node/timeout-settings';
import type { signalConfig } from './definition';

/** Waits for the run's signal of this name; one that came earlier answers at once. */
const signal: NodeExecutor<z.infer<typeof signalConfig>> = (config, { now }) => {
  const { name, message } = config;
  return { wait: { kind: 'signal', signal: name, ...timeoutOf(config, now, `The signal "${name}"`), details: { name, ...(message ? { message } : {}) } } };
};
export default signal;
