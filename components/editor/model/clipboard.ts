import type { Step, Workflow } from '@/core/workflow/workflow';
import { completeLayout } from './auto-layout';
import type { Operation } from './draft-store';
import { without } from './edge-operations';
import { type Definitions, stepOf } from './graph';
import { renameReferences } from './references';
import { freeStepId } from './step-operations';

/** A workflow of its own that holds only these steps and the connections among them: what is copied, as AWL that can be pasted anywhere. */
export function excerpt(workflow: Workflow, ids: string[], definitions: Definitions): Workflow {
  const wanted = new Set(ids);
  const layout = completeLayout(workflow, definitions);
  const steps = workflow.steps
    .filter((step) => wanted.has(step.id))
    .map((step) => {
      const kept = { ...step, dependsOn: step.dependsOn.filter((d) => wanted.has(d.step)) };
      return step.onError?.kind === 'goto' && !wanted.has(step.onError.step) ? (without(kept, 'onError') as Step) : kept;
    });
  const places = Object.fromEntries(steps.flatMap((step) => (layout[step.id] ? [[step.id, layout[step.id] as { x: number; y: number }]] : [])));
  return { name: workflow.name, triggers: [], settings: {}, steps, layout: places };
}

/** Which id each pasted step gets. */
export function pastedIds(workflow: Workflow, pasted: Workflow): Map<string, string> {
  const taken = new Set<string>();
  return new Map(
    pasted.steps.map((step) => {
      const id = freeStepId(workflow, step.id, taken);
      taken.add(id);
      return [step.id, id];
    }),
  );
}

/** Inserts the steps of another workflow under free ids; references among them follow. `at`: where their top left corner goes; default a little down and right. */
export function paste(pasted: Workflow, names: ReadonlyMap<string, string>, definitions: Definitions, at?: { x: number; y: number }): Operation {
  return (workflow) => {
    if (pasted.steps.length === 0) return workflow;
    const layout = { ...completeLayout(workflow, definitions) };
    const places = completeLayout(pasted, definitions);
    const corner = pasted.steps.reduce((min, step) => ({ x: Math.min(min.x, places[step.id]?.x ?? 0), y: Math.min(min.y, places[step.id]?.y ?? 0) }), {
      x: Number.POSITIVE_INFINITY,
      y: Number.POSITIVE_INFINITY,
    });
    const shift = at ? { x: at.x - corner.x, y: at.y - corner.y } : { x: 40, y: 96 };
    const steps = pasted.steps.map((step): Step => {
      const id = names.get(step.id) ?? step.id;
      const place = places[step.id] ?? corner;
      layout[id] = { x: Math.round(place.x + shift.x), y: Math.round(place.y + shift.y) };
      const kept = { ...step, dependsOn: step.dependsOn.filter((d) => names.has(d.step)) };
      return { ...renameReferences(kept, names), id };
    });
    return { ...workflow, steps: [...workflow.steps, ...steps], layout };
  };
}

export const canCopy = (workflow: Workflow, ids: string[]): boolean => ids.some((id) => stepOf(workflow, id));
