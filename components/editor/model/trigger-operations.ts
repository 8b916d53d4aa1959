import type { Trigger } from '@/core/workflow/workflow';
import type { Operation } from './draft-store';
import { isTriggerId } from './graph';

export function setTriggers(change: (triggers: Trigger[]) => Trigger[]): Operation {
  return (workflow) => ({ ...workflow, triggers: change(workflow.triggers) });
}

/** Removes triggers by place and closes the gap in the layout's `trigger:<index>` names. */
export function deleteTriggers(indices: number[]): Operation {
  return (workflow) => {
    const gone = new Set(indices);
    const triggers = workflow.triggers.filter((_, index) => !gone.has(index));
    if (triggers.length === workflow.triggers.length) return workflow;
    const layout = Object.fromEntries(Object.entries(workflow.layout).filter(([id]) => !isTriggerId(id)));
    let place = 0;
    workflow.triggers.forEach((_, index) => {
      const at = workflow.layout[`trigger:${index}`];
      if (gone.has(index)) return;
      if (at) layout[`trigger:${place}`] = at;
      place += 1;
    });
    return { ...workflow, triggers, layout };
  };
}
