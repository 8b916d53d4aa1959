import type { Step } from '@/core/workflow/workflow';
import { type Definitions, incoming, isLoop } from './graph';

/** Whether a step of a level may undo another: a single step that undoes nothing else and is connected to nothing, since it takes no part in the normal course. */
export function canUndo(level: readonly Step[], candidate: Step, step: Step, definitions: Definitions): boolean {
  if (candidate.id === step.id || candidate.compensate !== undefined || isLoop(candidate, definitions)) return false;
  if (level.some((other) => other.compensate === candidate.id && other.id !== step.id)) return false;
  if (candidate.onError?.kind === 'goto' || incoming(level, candidate).length > 0) return false;
  return !level.some((other) => other.dependsOn.some((d) => d.step === candidate.id));
}
