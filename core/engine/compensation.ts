import type { Command } from './commands';
import type { Failure } from './events';
import { pathOf } from './path';
import { newFrame, type RunState, type StepState } from './state';

/** Whether a run that is about to end badly has to undo something first. */
export function hasToUndo(state: RunState): boolean {
  return state.undoing === undefined && state.done.length > 0 && (state.undoWanted || state.graph.workflow.settings.compensate === true);
}

/** Whether nothing is left to undo: an end that was due before the undoing began is not due any more. */
export function isUndone({ undoing }: RunState): boolean {
  return undoing !== undefined && undoing.current === undefined && undoing.left.length === 0;
}

/** `run.compensating`: from here on only what undoes completed steps runs, one after the other, the last first. */
export function beginUndoing(state: RunState, error: Failure | undefined): Command[] {
  if (error) state.failure ??= error;
  state.undoing = { left: state.done.splice(0), failed: [], undone: [] };
  return next(state);
}

/** The step that undid something has settled. */
export function undoNext(state: RunState, succeeded: boolean): Command[] {
  const undoing = state.undoing;
  const current = undoing?.current;
  if (!undoing || !current) return [];
  (succeeded ? undoing.undone : undoing.failed).push(pathOf(current.frame, current.index));
  undoing.current = undefined;
  return next(state);
}

function next(state: RunState): Command[] {
  const undoing = state.undoing;
  const undo = undoing?.left.pop();
  if (!undoing || !undo) return [{ do: 'finish' }];
  const index = undo.frame.graph.steps[undo.index]?.undoneBy ?? -1;
  // a loop that was tried again may have done the same iteration twice: each time is undone
  undo.frame.steps[index] = { ...(newFrame(undo.frame.graph, '').steps[index] as StepState), launched: true };
  undoing.current = undo;
  return [{ do: 'execute', frame: undo.frame, index, attempt: 1 }];
}
