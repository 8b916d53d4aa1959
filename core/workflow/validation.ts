import type { NodeDefinition } from '@/core/node/definition';
import type { Adjacency } from './graph';
import type { Problem, Workflow } from './workflow';

/** What the checks share. */
export interface Validation {
  workflow: Workflow;
  definitions: ReadonlyMap<string, NodeDefinition>;
  adjacency: Adjacency;
  report(path: string, message: string, step?: string, severity?: Problem['severity']): void;
  /** enough has been found; looking for more (and for what was meant) would only take time */
  full(): boolean;
}
