import { type NodeExecutor, StepError } from '@/core/node/executor';

interface Config {
  cases: { port: string; when: boolean | string }[];
}

/** Leaves by the first case that is true, else by `default`, and hands on `data`. */
const choose: NodeExecutor<Config> = ({ cases }, { data }) => {
  for (const { port, when } of cases) {
    if (typeof when !== 'boolean') {
      throw new StepError('not_boolean', `The case "${port}" gave ${JSON.stringify(when)}; it must give true or false.`, { retryable: false });
    }
    if (when) return { output: data, port };
  }
  return { output: data, port: 'default' };
};
export default choose;
