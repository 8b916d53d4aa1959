import type { NodeExecutor } from '@/core/node/executor';

/** Hands on `data`. */
const pass: NodeExecutor = (_config, { data }) => ({ output: data });
export default pass;
