import { type NodeExecutor, StepError } from '@/core/node/executor';
import type { Json, JsonObject } from '@/core/workflow/workflow';
import type { mergeModes } from './definition';

type Mode = (typeof mergeModes)[number];

/** Makes one value of the outputs of the branches that arrived. */
const merge: NodeExecutor<{ mode: Mode }> = ({ mode }, { upstream, data }) => {
  const branches = Object.entries(upstream);
  if (branches.length === 0) return { output: data };
  return { output: join(mode, branches) };
};
export default merge;

function join(mode: Mode, branches: [string, Json][]): Json {
  switch (mode) {
    case 'byStep':
      return Object.fromEntries(branches);
    case 'first':
      return branches[0]?.[1] ?? null;
    case 'append':
      return branches.flatMap(([, value]) => (Array.isArray(value) ? value : value === null ? [] : [value]));
    case 'combine':
      return Object.assign({}, ...branches.map(([step, value]) => objectOf(step, value))) as JsonObject;
  }
}

function objectOf(step: string, value: Json): JsonObject {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  throw new StepError('not_an_object', `Combining wants objects, but the step "${step}" gave ${found}.`, { retryable: false });
}
