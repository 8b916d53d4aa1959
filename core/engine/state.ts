import type { HttpAnswer } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import type { Failure, RunStatus, StepStatus } from './events';
import type { Graph } from './graph';

/** What a run has come to: the fold of its events over its graph. Owned by one interpreter; `step` changes it in place. */
export interface RunState {
  /** seq of the last event */
  seq: number;
  status: RunStatus;
  startedAt: number;
  steps: StepState[];
  /** steps that have not settled */
  unsettled: number;
  /** steps that are being executed, waiting or between attempts */
  active: number;
  /** the error that ends the run, once a step failed for good */
  failure?: Failure;
  cancelRequested: boolean;
  costUsd: number;
  respond?: HttpAnswer;
  /** the expression name `steps`: settled steps by id */
  view: Record<string, StepView>;
}

export interface StepState {
  status: StepStatus;
  attempt: number;
  output: Json;
  error?: Failure;
  port?: string;
  /** dependencies not settled yet, and how many of the settled ones are active */
  pending: number;
  activated: number;
  /** ms since the epoch: when a wait ends or the next attempt may start */
  dueAt?: number;
}

export interface StepView {
  output: Json;
  status: StepStatus;
  error: Failure | null;
}

/** The state before the first event. */
export function initialState(graph: Graph): RunState {
  return {
    seq: 0,
    status: 'queued',
    startedAt: 0,
    steps: graph.steps.map((s) => ({ status: 'pending', attempt: 0, output: null, pending: s.dependencies.length, activated: 0 })),
    unsettled: graph.steps.length,
    active: 0,
    cancelRequested: false,
    costUsd: 0,
    view: Object.create(null) as Record<string, StepView>,
  };
}
