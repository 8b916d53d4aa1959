import type { NodeExecutor } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';

/** The engine has resolved the templates; the value is the output. */
const transform: NodeExecutor<{ value?: unknown }> = ({ value }) => ({ output: (value ?? null) as Json });
export default transform;
