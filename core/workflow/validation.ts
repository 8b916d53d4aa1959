import type { NodeDefinition } from '@/core/node/definition';
import type { Adjacency } from './graph';
import type { Problem, Step, Workflow } from './workflow';

/** What the checks share. */
export interface Validation {
  workflow: Workflow;
  /** the steps looked at: those of the workflow, or of the body of a container; and where they stand */
  steps: readonly Step[];
  path: string;
  definitions: ReadonlyMap<string, NodeDefinition>;
  adjacency: Adjacency;
  report(path: string, message: string, step?: string, severity?: Problem['severity']): void;
  /** enough has been found; looking for more (and for what was meant) would only take time */
  full(): boolean;
}
