import { type NodeExecutor, StepError } from '@/core/node/executor';

/** Leaves by the port `true` or `false` and hands on `data`. */
const condition: NodeExecutor<{ if: boolean | string }> = (config, { data }) => {
  if (typeof config.if !== 'boolean') {
    throw new StepError('not_boolean', `The condition gave ${JSON.stringify(config.if)}; it must give true or false.`, { retryable: false });
  }
  return { output: data, port: String(config.if) };
};
export default condition;
