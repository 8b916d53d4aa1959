import type { Step, Workflow } from '@/core/workflow/workflow';

/** Where a step is: in the body of `parent`, or with `parent` undefined on the outermost level. */
export interface StepPlace {
  step: Step;
  parent: string | undefined;
  /** the steps of its level, itself included */
  level: readonly Step[];
}

const trees = new WeakMap<readonly Step[], ReadonlyMap<string, StepPlace>>();

/** Every step with its place in the tree of loops, outer before inner; made once for each list of steps. Of steps with the same id the first counts. */
export function placesOf(workflow: Pick<Workflow, 'steps'>): ReadonlyMap<string, StepPlace> {
  const known = trees.get(workflow.steps);
  if (known) return known;
  const places = new Map<string, StepPlace>();
  const visit = (level: readonly Step[], parent: string | undefined): void => {
    for (const step of level) {
      if (!places.has(step.id)) places.set(step.id, { step, parent, level });
      if (step.steps) visit(step.steps, step.id);
    }
  };
  visit(workflow.steps, undefined);
  trees.set(workflow.steps, places);
  return places;
}

export const stepOf = (workflow: Pick<Workflow, 'steps'>, id: string): Step | undefined => placesOf(workflow).get(id)?.step;

/** The loop a step is in. */
export const parentOf = (workflow: Pick<Workflow, 'steps'>, id: string): string | undefined => placesOf(workflow).get(id)?.parent;

/** The steps of a step's level; of an unknown id the outermost. */
export const levelOf = (workflow: Pick<Workflow, 'steps'>, id: string): readonly Step[] => placesOf(workflow).get(id)?.level ?? workflow.steps;

/** The body of a loop, or with undefined the outermost level. */
export const bodyOf = (workflow: Pick<Workflow, 'steps'>, parent: string | undefined): readonly Step[] =>
  parent === undefined ? workflow.steps : (stepOf(workflow, parent)?.steps ?? []);

/** The loops around a step, outermost first. */
export function loopsAround(workflow: Pick<Workflow, 'steps'>, id: string): string[] {
  const around: string[] = [];
  for (let at = parentOf(workflow, id); at !== undefined; at = parentOf(workflow, at)) around.unshift(at);
  return around;
}

/** Whether a step is inside a loop, at any depth. */
export const isInside = (workflow: Pick<Workflow, 'steps'>, id: string, loop: string): boolean => loopsAround(workflow, id).includes(loop);

/** Of these ids those that no other of them holds: what a selection of a loop and its steps is about. */
export function outermost(workflow: Pick<Workflow, 'steps'>, ids: Iterable<string>): string[] {
  const wanted = new Set(ids);
  return [...wanted].filter((id) => stepOf(workflow, id) && !loopsAround(workflow, id).some((loop) => wanted.has(loop)));
}

/** Changes one step at any depth; what is not on the way to it, and the workflow when nothing changed, keeps its identity. */
export function mapStep(workflow: Workflow, id: string, change: (step: Step) => Step): Workflow {
  const step = stepOf(workflow, id);
  if (!step) return workflow;
  const next = change(step);
  return next === step ? workflow : mapLevel(workflow, parentOf(workflow, id), (level) => level.map((each) => (each === step ? next : each)));
}

/** Changes the list of steps of one level. */
export function mapLevel(workflow: Workflow, parent: string | undefined, change: (level: readonly Step[]) => Step[]): Workflow {
  if (parent === undefined) return { ...workflow, steps: change(workflow.steps) };
  return mapStep(workflow, parent, (loop) => ({ ...loop, steps: change(loop.steps ?? []) }));
}

/** Changes every list of steps, inner ones first; a list that `change` gives back as it is keeps its identity, and its step too. */
export function mapLevels(steps: readonly Step[], change: (level: readonly Step[]) => readonly Step[]): readonly Step[] {
  let changed = false;
  const next = steps.map((step) => {
    if (!step.steps) return step;
    const body = mapLevels(step.steps, change);
    if (body === step.steps) return step;
    changed = true;
    return { ...step, steps: [...body] };
  });
  return change(changed ? next : steps);
}

/** A copy without an optional field, so that nothing undefined is written into the document. */
export function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> & Partial<Pick<T, K>> {
  const { [key]: _removed, ...rest } = value;
  return rest as Omit<T, K> & Partial<Pick<T, K>>;
}
