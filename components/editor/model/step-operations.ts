import type { JsonObject, Step, Workflow } from '@/core/workflow/workflow';
import { completeLayout, freePlace, placeAfter } from './auto-layout';
import type { Connection } from './connection';
import type { Operation } from './draft-store';
import { connect, disconnect, isImplied } from './edge-operations';
import { type Positions, rectsOf, sizeOf } from './frame';
import { type Definitions, exitsOf, isTriggerId } from './graph';
import { growing } from './move-steps';
import { renameInWorkflow } from './references';
import { mapLevel, mapStep, parentOf, placesOf, stepOf, without } from './step-tree';

export interface NewStep {
  uses: string;
  title?: string;
  with: JsonObject;
  /** of a loop: its body */
  steps?: Step[];
  /** inside a loop: from its corner */
  position?: { x: number; y: number };
  /** the loop it goes into, when nothing else says where */
  into?: string;
  /** connect it behind this exit */
  after?: { step: string; port?: string };
  /** put it into the middle of this connection */
  between?: Connection;
}

/** An id of the form `http`, `http_2`, … that no step has. Underscores, since `steps.http-2` would be a subtraction in CEL. */
export function freeStepId(workflow: Workflow, wanted: string, taken: ReadonlySet<string> = new Set()): string {
  const base =
    wanted
      .replace(/^[^A-Za-z_]+/, '')
      .replace(/[^A-Za-z0-9_-]+/g, '_')
      .replace(/_+$/, '')
      .slice(0, 48) || 'step';
  const places = placesOf(workflow);
  const used = (id: string) => taken.has(id) || places.has(id);
  if (!used(base)) return base;
  for (let n = 2; ; n += 1) if (!used(`${base}_${n}`)) return `${base}_${n}`;
}

/** The loop a new step ends up in. */
export function levelFor(workflow: Workflow, { into, after, between }: Pick<NewStep, 'into' | 'after' | 'between'>): string | undefined {
  if (between) return parentOf(workflow, between.target);
  return after && !isTriggerId(after.step) ? parentOf(workflow, after.step) : into;
}

/** Adds a step. Where nodes had no stored place, the places they are drawn at are stored with it, so that nothing jumps. */
export function addStep(id: string, made: NewStep, definitions: Definitions): Operation {
  return growing(definitions, (workflow) => {
    const layout = completeLayout(workflow, definitions);
    const step: Step = { id, uses: made.uses, with: made.with, dependsOn: [] };
    if (made.title) step.title = made.title;
    if (made.steps) step.steps = made.steps;
    const parent = levelFor(workflow, made);
    const rects = rectsOf(workflow, parent, layout, definitions);
    const size = sizeOf(step, layout, definitions);
    const source = made.between?.source ?? made.after?.step;
    const place = freePlace(rects.values(), made.position ?? placeAfter(rects, source ? [source] : [], size), size);
    let next: Workflow = { ...mapLevel(workflow, parent, (level) => [...level, step]), layout: { ...layout, [id]: place } };
    if (made.after && !isTriggerId(made.after.step)) next = connect({ source: made.after.step, port: made.after.port, target: id })(next);
    if (made.between) next = splice(next, id, made.between, definitions);
    return next;
  });
}

/** Puts a step into a connection: source → step (by its first exit) → target, and everything right of it makes room. */
function splice(workflow: Workflow, id: string, edge: Connection, definitions: Definitions): Workflow {
  const step = stepOf(workflow, id) as Step;
  const port = exitsOf(step, definitions)[0]?.id || undefined;
  const implied = isImplied(workflow, edge);
  let next = disconnect([edge])(workflow);
  if (!implied) next = connect({ source: edge.source, port: edge.port, target: id })(next);
  next = connect({ source: id, port, target: edge.target })(next);
  const rects = rectsOf(workflow, parentOf(workflow, id), workflow.layout, definitions);
  const to = rects.get(edge.target);
  if (!to) return next;
  const from = rects.get(edge.source);
  const size = sizeOf(step, workflow.layout, definitions);
  // from the loop around it a way has no beginning on its own level
  const left = from ? from.x + from.width + 62 : to.x;
  const layout: Positions = { ...next.layout, [id]: { x: left, y: from ? Math.round((from.y + to.y) / 2) : to.y } };
  const push = Math.max(0, left + size.width + 62 - to.x);
  for (const [other, place] of rects) if (other !== id && place.x >= to.x && push > 0) layout[other] = { x: place.x + push, y: place.y };
  return { ...next, layout };
}

export function updateStep(id: string, changes: { [K in keyof Step]?: Step[K] | undefined }): Operation {
  return (workflow) =>
    mapStep(workflow, id, (step) => {
      let next: Step = step;
      for (const [key, value] of Object.entries(changes) as [keyof Step, never][]) {
        if (step[key] === value) continue;
        next = value === undefined ? (without(next, key) as Step) : { ...next, [key]: value };
      }
      return next;
    });
}

/** Gives a step another id and every reference to it: connections, gotos, what undoes it, its place, and `steps.ID` in expressions. Refused ids change nothing. */
export function renameStep(from: string, to: string): Operation {
  return (workflow) => {
    if (from === to || !/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(to) || stepOf(workflow, to) || !stepOf(workflow, from)) return workflow;
    const renamed = mapStep(workflow, from, (step) => ({ ...step, id: to }));
    const layout = Object.fromEntries(Object.entries(workflow.layout).map(([id, place]) => [id === from ? to : id, place]));
    return { ...renameInWorkflow(renamed, new Map([[from, to]])), layout };
  };
}
