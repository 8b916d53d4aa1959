import { beginning } from '@/core/node/beginning';
import type { NodeExecutor } from '@/core/node/executor';

interface Config {
  level: 'debug' | 'info' | 'warn' | 'error';
  message?: unknown;
}

const longest = 10_000;

/** Writes a `step.log` event and hands on `data`. */
const log: NodeExecutor<Config> = ({ level, message }, context) => {
  const text = typeof message === 'string' ? message : JSON.stringify(message ?? null);
  context.log(level, text.length > longest ? `${beginning(text, longest)}…` : text);
  return { output: context.data };
};
export default log;
