import type { HttpAnswer } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';

export const runStatuses = ['queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled'] as const;
export type RunStatus = (typeof runStatuses)[number];
export const stepStatuses = ['pending', 'running', 'waiting', 'succeeded', 'failed', 'skipped', 'cancelled'] as const;
export type StepStatus = (typeof stepStatuses)[number];

export const isTerminal = (status: RunStatus): boolean => status === 'succeeded' || status === 'failed' || status === 'cancelled';

/** What went wrong, as people and programs see it. */
export interface Failure {
  code: string;
  message: string;
  /** id of the step at fault */
  step?: string;
  details?: Json;
}

/**
 * An entry of a run's append-only log. `seq` counts from 1 per run and is its SSE id. The state of a run is the fold of its events.
 * `at` and `startedAt` are ms since the epoch, by the database's clock. Stored as a row of run_event: (run_id, seq, type, path, at, data).
 */
export type RunEvent = { seq: number; at: number } & RunEventBody;

/** What became of a step that failed for good, when its run goes on. */
export type Handling = 'continue' | 'goto' | 'skip' | 'version';

export const waitKinds = ['delay', 'signal', 'approval', 'event', 'callback', 'run'] as const;

/** What a step waits for. `signal`: the name of the mail that ends the wait; `details` are for people. */
export interface WaitInfo {
  kind: (typeof waitKinds)[number];
  signal?: string;
  details?: Json;
  /** what happens at `until`; absent: of a delay it succeeds, of anything else it fails with `wait_timeout` */
  expiry?: { port?: string; output?: Json } | { error: { code: string; message: string } };
}

export type RunEventBody =
  | { type: 'run.started' /** 1, and one more for each retry of a retry */; attempt?: number }
  | { type: 'step.started'; path: string; attempt: number; input: Json }
  | {
      type: 'step.succeeded';
      path: string;
      attempt: number;
      startedAt: number;
      output: Json;
      port?: string;
      input?: Json;
      error?: Failure;
      respond?: HttpAnswer;
      costUsd?: number;
      tokens?: { input: number; output: number };
      /** it is another run's, whose effects this run must not undo */
      kept?: true;
    }
  | {
      type: 'step.failed';
      path: string;
      attempt: number;
      startedAt: number;
      error: Failure;
      input?: Json;
      retryAt?: number;
      handled?: Handling /** of `handled: version` */;
      version?: number;
    }
  | { type: 'step.skipped'; path: string; reason: 'condition' | 'upstream' }
  | { type: 'step.waiting'; path: string; attempt: number; startedAt: number; until?: number; wait?: WaitInfo; input?: Json }
  | { type: 'step.cancelled'; path: string }
  | { type: 'step.log'; path: string; level: string; message: string; fields?: Record<string, Json> }
  /** iteration `each[3]` of a loop; of a for-each only its end is logged */
  | { type: 'item.started'; path: string }
  | { type: 'item.succeeded'; path: string; output: Json }
  | { type: 'item.failed'; path: string; error: Failure }
  /** `mail`: id of the message it came with, so that it is logged once */
  | { type: 'signal.received'; name: string; data: Json; mail?: string; port?: string; error?: Failure; by?: string }
  | { type: 'run.paused'; mail?: string; by?: string }
  | { type: 'run.resumed'; mail?: string; by?: string }
  /** completed steps are undone, last first; then the run fails, or ends as cancelled */
  | { type: 'run.compensating'; error?: Failure }
  | { type: 'run.cancel_requested'; mail?: string; by?: string }
  | { type: 'run.succeeded'; output: Json }
  | { type: 'run.failed'; error: Failure }
  | { type: 'run.cancelled' };
