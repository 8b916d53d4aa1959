import type { EventView } from '@/core/workflow/event-filter';
import type { Json } from '@/core/workflow/workflow';

export type WorkflowRef = { id: string; slug: string };

/** What an event did; stored with it. */
export interface Outcome {
  /** what it started */
  runs: {
    workflow: WorkflowRef;
    runId: string;
    /** the run was there already: the workflow starts one a key */
    deduplicated?: true;
    /** a run that still waited took the event as its input */
    debounced?: true;
  }[];
  /** workflows whose trigger matches, and why they were not started all the same */
  leftOut: { workflow: WorkflowRef; reason: string }[];
  /** steps that waited for it */
  answered?: { runId: string; path: string }[];
  /** why it was allowed to start nothing at all */
  stopped?: string;
}

/** An event on its way through dispatchEvent. */
export interface Dispatchable extends EventView {
  /** how many events led to it, and the workflows of that chain */
  depth: number;
  cause: readonly string[];
  /** the one workflow that a replay is meant for */
  onlyWorkflowId?: string;
}

/** What filters and runs see of an event. */
export function viewOf({ type, subject, data, id, at, replayOf }: EventView): EventView & { [key: string]: Json } {
  return { type, subject, data, id, at, ...(replayOf === undefined ? {} : { replayOf }) };
}
