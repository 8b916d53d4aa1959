import type { z } from 'zod';
import { type NodeExecutor, StepError } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import type { workflowConfig } from './definition';

/** Starts a run of another workflow, once for each try of the step; its end is the answer to the wait. */
const workflow: NodeExecutor<z.infer<typeof workflowConfig>> = async (config, context) => {
  const { runs } = context.services;
  if (!runs) throw new StepError('unavailable', 'Workflows cannot be started here.', { retryable: false });
  const waits = config.mode === 'wait';
  const { organizationId, runId, path, tryKey } = context;
  const version = config.version === 'current' ? undefined : String(config.version);
  const input = (config.input === undefined ? context.data : config.input) as Json;
  const called = await runs.call({ organizationId, runId, path, tryKey }, { workflow: config.workflow, version, input, report: waits });
  if (!waits) return { output: { ...called } };
  return { wait: { kind: 'run', signal: `$run/${called.runId}`, details: { ...called } } };
};
export default workflow;
