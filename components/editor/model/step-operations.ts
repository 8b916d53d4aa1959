import type { JsonObject, Step, Trigger, Workflow } from '@/core/workflow/workflow';
import { completeLayout, freePlace, type Positions, placeAfter } from './auto-layout';
import type { Connection } from './connection';
import type { Operation } from './draft-store';
import { connect, disconnect, mapStep, without } from './edge-operations';
import { type Definitions, exitsOf, isTriggerId, stepOf } from './graph';
import { renameReferences } from './references';

export interface NewStep {
  uses: string;
  title?: string;
  with: JsonObject;
  position?: { x: number; y: number };
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
  const used = (id: string) => taken.has(id) || workflow.steps.some((step) => step.id === id);
  if (!used(base)) return base;
  for (let n = 2; ; n += 1) if (!used(`${base}_${n}`)) return `${base}_${n}`;
}

/** Adds a step. Where nodes had no stored place, the places they are drawn at are stored with it, so that nothing jumps. */
export function addStep(id: string, made: NewStep, definitions: Definitions): Operation {
  return (workflow) => {
    const layout = completeLayout(workflow, definitions);
    const step: Step = { id, uses: made.uses, with: made.with, dependsOn: [] };
    if (made.title) step.title = made.title;
    const source = made.between?.source ?? made.after?.step;
    const position = made.position ?? (source ? placeAfter(layout, [source]) : placeAfter(layout, []));
    let next: Workflow = { ...workflow, steps: [...workflow.steps, step], layout: { ...layout, [id]: freePlace(layout, position) } };
    if (made.after && !isTriggerId(made.after.step)) next = connect({ source: made.after.step, port: made.after.port, target: id })(next);
    if (made.between) next = splice(next, id, made.between, definitions);
    return next;
  };
}

/** Puts a step into a connection: source → step (by its first exit) → target, and everything right of it makes room. */
function splice(workflow: Workflow, id: string, edge: Connection, definitions: Definitions): Workflow {
  const step = stepOf(workflow, id) as Step;
  const port = exitsOf(step, definitions)[0]?.id || undefined;
  let next = disconnect([edge])(workflow);
  if (!isTriggerId(edge.source)) next = connect({ source: edge.source, port: edge.port, target: id })(next);
  next = connect({ source: id, port, target: edge.target })(next);
  const from = workflow.layout[edge.source];
  const to = workflow.layout[edge.target];
  if (!from || !to) return next;
  const layout: Positions = { ...next.layout, [id]: { x: from.x + 310, y: Math.round((from.y + to.y) / 2) } };
  const push = Math.max(0, from.x + 620 - to.x);
  for (const [other, place] of Object.entries(layout)) if (other !== id && place.x >= to.x && push > 0) layout[other] = { ...place, x: place.x + push };
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

/** Gives a step another id and every reference to it: dependencies, gotos, its place, and `steps.ID` in expressions. Refused ids change nothing. */
export function renameStep(from: string, to: string): Operation {
  return (workflow) => {
    if (from === to || !/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(to) || stepOf(workflow, to) || !stepOf(workflow, from)) return workflow;
    const names = new Map([[from, to]]);
    const steps = workflow.steps.map((step) => {
      const renamed = renameReferences(step, names);
      return step.id === from ? { ...renamed, id: to } : renamed;
    });
    const layout = Object.fromEntries(Object.entries(workflow.layout).map(([id, place]) => [id === from ? to : id, place]));
    const next: Workflow = { ...workflow, steps, layout };
    if (workflow.output !== undefined) next.output = renameReferences(workflow.output, names);
    return next;
  };
}

/**
 * Deletes steps. A step that would be left with nothing before it inherits what led to the deleted one, so that cutting out the middle of a chain
 * does not make its rest start with the trigger.
 */
export function deleteSteps(ids: string[], definitions: Definitions): Operation {
  return (workflow) => {
    const gone = new Set(ids.filter((id) => stepOf(workflow, id)));
    if (gone.size === 0) return workflow;
    const positions = completeLayout(workflow, definitions);
    const before = new Map(workflow.steps.map((step) => [step.id, step.dependsOn]));
    const inherited = (id: string, seen: Set<string>): Step['dependsOn'] =>
      seen.has(id) ? [] : (before.get(id) ?? []).flatMap((d) => (gone.has(d.step) ? inherited(d.step, new Set(seen).add(id)) : [d]));
    const steps = workflow.steps.flatMap((step): Step[] => {
      if (gone.has(step.id)) return [];
      let next = step;
      if (step.onError?.kind === 'goto' && gone.has(step.onError.step)) next = without(next, 'onError') as Step;
      if (!step.dependsOn.some((d) => gone.has(d.step))) return [next];
      const left = step.dependsOn.filter((d) => !gone.has(d.step));
      const dependsOn = left.length > 0 ? left : dedupe(step.dependsOn.flatMap((d) => inherited(d.step, new Set())));
      return [{ ...next, dependsOn }];
    });
    const layout = Object.fromEntries(Object.entries(positions).filter(([id]) => !gone.has(id)));
    return { ...workflow, steps, layout };
  };
}

const dedupe = (dependencies: Step['dependsOn']): Step['dependsOn'] =>
  dependencies.filter((d, index) => dependencies.findIndex((other) => other.step === d.step && other.port === d.port) === index);

/** Stores where nodes were dragged to, and the drawn places of the rest. */
export function moveNodes(moved: Positions, definitions: Definitions): Operation {
  return (workflow) => {
    const layout = { ...completeLayout(workflow, definitions) };
    for (const [id, place] of Object.entries(moved)) layout[id] = { x: Math.round(place.x), y: Math.round(place.y) };
    return { ...workflow, layout };
  };
}

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
