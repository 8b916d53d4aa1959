import { allSteps, type Step, type Workflow } from '@/core/workflow/workflow';
import { completeLayout } from './auto-layout';
import { onlyAmong } from './delete-steps';
import type { Operation } from './draft-store';
import { absolutePlaces, type Point, type Positions, rectsOf } from './frame';
import type { Definitions } from './graph';
import { growing } from './move-steps';
import { renameInSteps } from './references';
import { freeStepId } from './step-operations';
import { mapLevel, outermost, parentOf, stepOf } from './step-tree';

/**
 * A workflow of its own that holds only these steps (loops with their body) and the connections among them: what is copied, as AWL that can be pasted
 * anywhere. Steps of one level keep their places there; of several, their places on the canvas.
 */
export function excerpt(workflow: Workflow, ids: string[], definitions: Definitions): Workflow {
  const wanted = new Set(outermost(workflow, ids));
  const layout = completeLayout(workflow, definitions);
  const steps = onlyAmong(
    allSteps(workflow.steps).filter((step) => wanted.has(step.id)),
    wanted,
  );
  const places = levelOfAll(workflow, [...wanted]) === 'several' ? absolutePlaces(workflow, layout) : layout;
  const kept: Positions = {};
  for (const { id } of allSteps(steps)) {
    const at = wanted.has(id) ? places[id] : layout[id];
    if (at) kept[id] = at;
  }
  return { name: workflow.name, triggers: [], settings: {}, steps, layout: kept };
}

/** The loop that all these steps are in (undefined: the outermost level), or that they are in several. */
export function levelOfAll(workflow: Workflow, ids: readonly string[]): string | undefined | 'several' {
  const levels = new Set(outermost(workflow, ids).map((id) => parentOf(workflow, id)));
  return levels.size > 1 ? 'several' : [...levels][0];
}

/** Which id each pasted step gets, those in bodies too. */
export function pastedIds(workflow: Workflow, pasted: Workflow): Map<string, string> {
  const taken = new Set<string>();
  return new Map(
    allSteps(pasted.steps).map((step) => {
      const id = freeStepId(workflow, step.id, taken);
      taken.add(id);
      return [step.id, id];
    }),
  );
}

/** Inserts the steps of another workflow under free ids, into a loop or onto the outermost level; references among them follow. They lie a little down and right of where they came from. */
export function paste(pasted: Workflow, names: ReadonlyMap<string, string>, definitions: Definitions, into?: string): Operation {
  return growing(definitions, (workflow) => {
    if (pasted.steps.length === 0) return workflow;
    const layout = { ...completeLayout(workflow, definitions) };
    const places = completeLayout(pasted, definitions);
    const outer = new Set(pasted.steps.map((step) => step.id));
    const shift = shiftOf(workflow, pasted, places, definitions, into);
    for (const { id } of allSteps(pasted.steps)) {
      const at = places[id];
      if (at) layout[names.get(id) ?? id] = outer.has(id) ? { x: Math.round(at.x + shift.x), y: Math.round(at.y + shift.y) } : at;
    }
    const known = (step: Step): Step => {
      const dependsOn = step.dependsOn.filter((d) => names.has(d.step));
      const next = dependsOn.length === step.dependsOn.length ? step : { ...step, dependsOn };
      return next.steps ? { ...next, steps: next.steps.map(known) } : next;
    };
    const renamed = (step: Step): Step => ({ ...step, id: names.get(step.id) ?? step.id, ...(step.steps ? { steps: step.steps.map(renamed) } : {}) });
    const steps = renameInSteps(pasted.steps.map(known), names).map(renamed);
    return { ...mapLevel(workflow, into, (level) => [...level, ...steps]), layout };
  });
}

/** Places from somewhere else mean nothing inside a frame: what is far from it goes below what is there. */
function shiftOf(workflow: Workflow, pasted: Workflow, places: Positions, definitions: Definitions, into: string | undefined): Point {
  if (into === undefined) return { x: 40, y: 96 };
  const corner = pasted.steps.reduce((min, step) => ({ x: Math.min(min.x, places[step.id]?.x ?? 0), y: Math.min(min.y, places[step.id]?.y ?? 0) }), {
    x: Number.POSITIVE_INFINITY,
    y: Number.POSITIVE_INFINITY,
  });
  const rects = [...rectsOf(workflow, into, completeLayout(workflow, definitions), definitions).values()];
  const right = Math.max(0, ...rects.map((r) => r.x + r.width));
  const bottom = Math.max(0, ...rects.map((r) => r.y + r.height));
  if (corner.x >= 0 && corner.y >= 0 && corner.x <= right && corner.y <= bottom) return { x: 40, y: 96 };
  return { x: Math.min(...rects.map((r) => r.x), 72) - corner.x, y: bottom + 32 - corner.y };
}

export const canCopy = (workflow: Workflow, ids: string[]): boolean => ids.some((id) => stepOf(workflow, id));
