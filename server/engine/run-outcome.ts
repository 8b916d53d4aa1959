import type { Failure, RunEventBody, RunStatus } from '@/core/engine/events';
import { outputOf, type RunScope } from '@/core/engine/scope';
import type { RunState } from '@/core/engine/state';
import { type HttpAnswer, StepError } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import type { CommitExtra } from './commit-log';
import { MAX_OUTPUT_BYTES } from './engine-host';
import { toFailure } from './failure';

export interface RunOutcome {
  status: RunStatus;
  output?: Json;
  error?: Failure;
  respond?: HttpAnswer;
}

/** Why an execution let go of its run: it ended, sleeps until a time (or a mail), was handed to a worker, or belongs to somebody else now. */
export type Release =
  | { kind: 'ended'; outcome: RunOutcome }
  | { kind: 'parked'; until: number | undefined }
  | { kind: 'handed-over' }
  | { kind: 'lost' }
  | { kind: 'unsaved'; error: unknown };

/** What all events of one run may hold together, characters of JSON. */
export const RUN_CHARACTERS = 250_000_000;

/** How a run ends in which nothing is left to do, and the event that says so. */
export function outcomeOf(state: RunState, scope: RunScope): { outcome: RunOutcome; event: RunEventBody } {
  const { undoing, failure } = state;
  if (failure) {
    const error = undoing ? { ...failure, details: { undone: undoing.undone, notUndone: undoing.failed, cause: failure.details ?? null } } : failure;
    return { outcome: { status: 'failed', error }, event: { type: 'run.failed', error } };
  }
  if (state.cancelRequested) return { outcome: { status: 'cancelled' }, event: { type: 'run.cancelled' } };
  try {
    const output = outputOf(state, scope);
    const size = JSON.stringify(output).length;
    if (size > MAX_OUTPUT_BYTES)
      throw new StepError('output_too_large', `It has ${Math.ceil(size / 1e6)} MB of JSON; up to ${MAX_OUTPUT_BYTES / 1e6} MB is allowed.`);
    return { outcome: { status: 'succeeded', output }, event: { type: 'run.succeeded', output } };
  } catch (thrown) {
    const found = toFailure(thrown, 'output').failure;
    const error = { ...found, step: undefined, message: `The workflow's output could not be computed. ${found.message}` };
    return { outcome: { status: 'failed', error }, event: { type: 'run.failed', error } };
  }
}

export function runTooLarge(): Failure {
  return { code: 'run_too_large', message: `The run's log has more than ${RUN_CHARACTERS / 1e6} MB. Pass references instead of the data itself.` };
}

export function runOutOfTime(limit: number): Failure {
  return { code: 'timeout', message: `The run took longer than its limit of ${limit / 1000} s.` };
}

/** Cannot happen; if it does, the run must not hang silently. */
export function stuck(runId: string): Failure {
  return toFailure(new Error(`run ${runId} has nothing to do and has not ended`), '').failure;
}

/** A run whose step exhausted its retries is put aside for somebody to look at. PostgreSQL cannot read NUL and broken characters out of JSON. */
export function deadLetter(step: string, attempts: number, { code, message }: Failure): CommitExtra {
  const clean = (text: string) => Buffer.from(text).toString().replaceAll('\u0000', '');
  return { kind: 'dead_letter', name: step, data: JSON.stringify({ code: clean(code), message: clean(message), attempts, reason: 'exhausted' }) };
}
