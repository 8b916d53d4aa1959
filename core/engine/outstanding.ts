import type { Command } from './commands';
import { isTerminal } from './events';
import { pathOf } from './path';
import type { Frame, RunState, StepState } from './state';

/**
 * What is to be done in a state that was rebuilt from a log: what was in flight at the crash is executed again, under the same key. After a pause
 * `underWay` names what is still being executed.
 */
export function outstanding(state: RunState, underWay: (path: string) => boolean = () => false): Command[] {
  if (isTerminal(state.status) || state.seq === 0) return [];
  if (!state.undoing && (state.cancelRequested || state.failure || state.unsettled === 0)) return [{ do: 'finish' }];
  const commands = state.undoing ? outstandingUndo(state) : [];
  if (!state.undoing) ofLevel(state, commands);
  return commands.filter((c) => c.do !== 'execute' || !underWay(pathOf(c.frame, c.index)));
}

function outstandingUndo({ undoing }: RunState): Command[] {
  const undo = undoing?.current;
  if (!undo) return [{ do: 'finish' }];
  const commands: Command[] = [];
  ofStep(undo.frame, undo.frame.graph.steps[undo.index]?.undoneBy ?? -1, commands);
  return commands;
}

function ofLevel(frame: Frame, commands: Command[]): void {
  for (let index = 0; index < frame.steps.length; index++) ofStep(frame, index, commands);
}

function ofStep(frame: Frame, index: number, commands: Command[]): void {
  const s = frame.steps[index] as StepState;
  const node = frame.graph.steps[index];
  if (s.delivered) commands.push({ do: 'deliver', frame, index });
  else if (s.dueAt !== undefined) commands.push({ do: 'wake', frame, index, at: s.dueAt });
  else if (s.loop) ofLoop(frame, index, commands);
  else if (s.status === 'running') commands.push({ do: 'execute', frame, index, attempt: s.attempt });
  else if (s.status === 'pending' && s.launched) {
    const enough = node?.dependencies.length === 0 || s.activated >= (node?.need ?? 1);
    commands.push(enough ? { do: 'execute', frame, index, attempt: 1 } : { do: 'skip', frame, index });
  }
}

function ofLoop(frame: Frame, index: number, commands: Command[]): void {
  const loop = frame.steps[index]?.loop;
  if (!loop) return;
  const limitAt = frame.steps[index]?.limitAt;
  if (limitAt !== undefined) commands.push({ do: 'limit', frame, index, at: limitAt });
  if (loop.failure) return void commands.push({ do: 'endLoop', frame, index });
  for (const inner of loop.frames.values()) {
    if (inner.failure || inner.unsettled === 0) commands.push({ do: 'endItem', frame: inner });
    else ofLevel(inner, commands);
  }
  if (loop.frames.size > 0) return;
  commands.push(loop.items ? { do: 'endLoop', frame, index } : { do: 'nextItem', frame, index });
}
