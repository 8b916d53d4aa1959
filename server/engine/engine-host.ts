import type { ExecutorServices, NodeExecutor } from '@/core/node/executor';
import type { EngineClock } from './clock';
import type { CommitLog } from './commit-log';

/** What executions of a process share. */
export interface EngineHost {
  log: CommitLog;
  clock: EngineClock;
  executors: ReadonlyMap<string, NodeExecutor<never>>;
  services: ExecutorServices;
}

/** Bytes of JSON one step may output; larger outputs fail the step. */
export const MAX_OUTPUT_BYTES = 10_000_000;
