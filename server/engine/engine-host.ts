import type { Graph } from '@/core/engine/graph';
import type { ExecutorServices, NodeExecutor } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import type { EngineClock } from './clock';
import type { CommitLog } from './commit-log';

/** What executions of a process share. */
export interface EngineHost {
  log: CommitLog;
  clock: EngineClock;
  executors: ReadonlyMap<string, NodeExecutor<never>>;
  services: ExecutorServices;
  /** another published version of a workflow, for steps that fall back to it */
  variant?: (organizationId: string, workflowId: string, version: number) => Promise<Graph | undefined>;
  /** puts the JSON of a large event into the blob store and returns the reference to log in its place */
  storeLarge?: (organizationId: string, json: string, runId: string) => Promise<string>;
}

/** Levels of nesting of an output: what reads it (browsers, clients, JSON itself) has a stack. */
export const MAX_DEPTH = 256;

/** Bytes of JSON one step may output; larger outputs fail the step. */
export const MAX_OUTPUT_BYTES = 10_000_000;

/** What one commit gathers before it is sent on its way, characters of JSON. */
export const COMMIT_CHARACTERS = 4_000_000;
/** Sleeping this long or more gives the lease back instead of keeping the run in memory. */
export const PARK_AFTER_MS = 1_000;
/** An inline run that computes longer than this goes on in a worker. */
export const INLINE_BUDGET_MS = 50;
/** A run that computes longer than this lets the others of its process have a turn. */
export const TURN_MS = 20;

export interface RunIdentity {
  organizationId: string;
  runId: string;
  workflowId: string;
  versionId: string;
  trigger: string;
  input: Json;
}
