import type { z } from 'zod';
import type { NodeExecutor } from '@/core/node/executor';
import { parseDuration } from '@/core/workflow/duration';
import type { Json } from '@/core/workflow/workflow';
import type { codeConfig } from './definition';

const levels = new Set(['debug', 'info', 'warn', 'error']);

/** Runs the source in the QuickJS runner process; console lines go to the run's log. */
const code: NodeExecutor<z.infer<typeof codeConfig>> = async (config, context) => {
  const timeoutMs = Math.min(parseDuration(config.timeout) ?? 5000, 30_000);
  const globals: Record<string, Json> = { ...(config.values as Record<string, Json>), data: context.data, input: context.input };
  const { value, logs } = await context.services.sandbox.run(context.organizationId, { source: config.source, globals, timeoutMs }, context.signal);
  for (const { level, message } of logs) context.log(levels.has(level) ? (level as 'info') : 'info', message);
  return { output: value };
};
export default code;
