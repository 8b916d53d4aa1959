import type { HttpAnswer } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import type { Failure, RunStatus, StepStatus, WaitInfo } from './events';
import type { Graph } from './graph';

/** The steps of one level: of the whole run, or of one iteration of a loop. */
export interface Frame {
  graph: Graph;
  /** what the paths of its steps end with: nothing, or the loop indices `[3][0]` */
  suffix: string;
  steps: StepState[];
  /** steps that have not settled */
  unsettled: number;
  /** steps that are being executed, waiting or between attempts */
  active: number;
  /** the error that ends it, once a step failed for good */
  failure?: Failure;
  /** the expression name `steps` of this level: settled steps by id */
  view: Record<string, StepView>;
  /** of an iteration: the loop it belongs to */
  parent?: { frame: Frame; index: number };
  /** of an iteration: the expression names `item` and `index` */
  item?: Json;
  index?: number;
}

/** What a run has come to: the fold of its events over its graph. Owned by one interpreter; `step` changes it in place. */
export interface RunState extends Frame {
  /** seq of the last event */
  seq: number;
  status: RunStatus;
  startedAt: number;
  cancelRequested: boolean;
  /** since when, ms since the epoch */
  pausedAt?: number;
  /** how long it was paused before, ms: time limits do not count it */
  pausedMs: number;
  costUsd: number;
  respond?: HttpAnswer;
  /** steps in waits, by path */
  waits: Map<string, { frame: Frame; index: number }>;
  /** signals nobody waits for yet, by name, the oldest first */
  signals: Map<string, Signal[]>;
  /** ids of the mails that are in the log */
  mails: Set<string>;
  /** what would have to be undone, in the order it was done */
  done: Undo[];
  /** a step asked for what is done to be undone before the run fails */
  undoWanted: boolean;
  /** the run is undoing what it did: what is left, the last is next */
  undoing?: { left: Undo[]; current?: Undo; failed: string[]; undone: string[] };
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
  /** it was told to start, or to be skipped */
  launched: boolean;
  /** of a step that starts before all its dependencies have settled: those that started it */
  arrived?: number[];
  /** ms since the epoch: when a wait ends or the next attempt may start */
  dueAt?: number;
  wait?: WaitInfo;
  /** what ended its wait, until it is settled */
  delivered?: Signal;
  /** the version of the workflow as which it is executed (`on_error: {version}`) */
  variant?: number;
  loop?: Loop;
  /** of a container: when its time is up, ms since the epoch */
  limitAt?: number;
}

/** The state of a container that is running. */
export interface Loop {
  /** for-each: the list; while: absent */
  items?: Json[];
  concurrency: number;
  /** failed iterations are collected instead of failing the loop */
  collect: boolean;
  keepResults: boolean;
  /** the iteration to begin next */
  next: number;
  /** iterations under way */
  frames: Map<number, Frame>;
  results: Json[];
  errors: { index: number; error: Failure }[];
  ended: number;
  /** of a while: what the last iteration gave */
  last: Json;
  startedAt: number;
  /** an iteration failed, and with it the loop */
  failure?: Failure;
}

export interface Signal {
  name: string;
  data: Json;
  port?: string;
  error?: Failure;
}

/** A completed step that another one can undo. */
export interface Undo {
  frame: Frame;
  index: number;
  output: Json;
}

export interface StepView {
  output: Json;
  status: StepStatus;
  error: Failure | null;
}

/** The state before the first event. */
export function initialState(graph: Graph): RunState {
  return {
    ...newFrame(graph, ''),
    seq: 0,
    status: 'queued',
    startedAt: 0,
    cancelRequested: false,
    pausedMs: 0,
    costUsd: 0,
    waits: new Map(),
    signals: new Map(),
    mails: new Set(),
    done: [],
    undoWanted: false,
  };
}

/** A level none of whose steps has begun. */
export function newFrame(graph: Graph, suffix: string): Frame {
  return {
    graph,
    suffix,
    steps: graph.steps.map((s) => ({ status: 'pending', attempt: 0, output: null, pending: s.dependencies.length, activated: 0, launched: false })),
    unsettled: graph.count,
    active: 0,
    view: Object.create(null) as Record<string, StepView>,
  };
}

export function isSettled(s: StepState): boolean {
  return s.status === 'succeeded' || s.status === 'failed' || s.status === 'skipped' || s.status === 'cancelled';
}
