import type { Step } from '@/core/workflow/workflow';
import { incoming } from './graph';

/** Whether a step of a level may undo another: it is connected to nothing, since it takes no part in the normal course. */
export function canUndo(level: readonly Step[], candidate: Step, step: Step): boolean {
  if (candidate.id === step.id || candidate.compensate !== undefined) return false;
  if (candidate.onError?.kind === 'goto' || incoming(level, candidate).length > 0) return false;
  return !level.some((other) => other.dependsOn.some((d) => d.step === candidate.id));
}
