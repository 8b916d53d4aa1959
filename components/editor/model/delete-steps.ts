import type { Step, Workflow } from '@/core/workflow/workflow';
import { completeLayout } from './auto-layout';
import type { Operation } from './draft-store';
import { withFittingJoin } from './edge-operations';
import type { Definitions } from './graph';
import { mapLevels, outermost, placesOf, without } from './step-tree';

/**
 * Deletes steps, loops with their body. A step that would be left with nothing before it inherits what led to the deleted one, so that cutting out the
 * middle of a chain does not make its rest start with the trigger.
 */
export function deleteSteps(ids: string[], definitions: Definitions): Operation {
  return (workflow) => {
    const gone = new Set(outermost(workflow, ids));
    if (gone.size === 0) return workflow;
    const positions = completeLayout(workflow, definitions);
    const next: Workflow = { ...workflow, steps: mapLevels(workflow.steps, (level) => cutFrom(level, gone)) as Step[] };
    const left = placesOf(next);
    const known = placesOf(workflow);
    next.layout = Object.fromEntries(Object.entries(positions).filter(([id]) => left.has(id) || !known.has(id)));
    return next;
  };
}

/** A level without some of its steps, its connections closed over the gaps; the level itself when none of them is in it. */
export function cutFrom(level: readonly Step[], gone: ReadonlySet<string>): readonly Step[] {
  if (!level.some((step) => gone.has(step.id))) return level;
  const before = new Map(level.map((step) => [step.id, step.dependsOn]));
  const inherited = (id: string, seen: Set<string>): Step['dependsOn'] =>
    seen.has(id) ? [] : (before.get(id) ?? []).flatMap((d) => (gone.has(d.step) ? inherited(d.step, new Set(seen).add(id)) : [d]));
  return level.flatMap((step): Step[] => {
    if (gone.has(step.id)) return [];
    const next = withoutTargets(step, (id) => !gone.has(id));
    if (!step.dependsOn.some((d) => gone.has(d.step))) return [next];
    const left = step.dependsOn.filter((d) => !gone.has(d.step));
    const dependsOn = left.length > 0 ? left : dedupe(step.dependsOn.flatMap((d) => inherited(d.step, new Set())));
    return [withFittingJoin({ ...next, dependsOn })];
  });
}

/** A step without a goto or an undoing step that is not kept. */
export function withoutTargets(step: Step, kept: (id: string) => boolean): Step {
  let next = step;
  if (next.onError?.kind === 'goto' && !kept(next.onError.step)) next = without(next, 'onError') as Step;
  if (next.compensate !== undefined && !kept(next.compensate)) next = without(next, 'compensate') as Step;
  return next;
}

/** Steps taken out of their level: their connections among each other, and no others. */
export function onlyAmong(steps: readonly Step[], ids: ReadonlySet<string>): Step[] {
  return steps.map((step) => {
    const next = withoutTargets(step, (id) => ids.has(id));
    const dependsOn = next.dependsOn.filter((d) => ids.has(d.step));
    return dependsOn.length === next.dependsOn.length ? next : withFittingJoin({ ...next, dependsOn });
  });
}

const dedupe = (dependencies: Step['dependsOn']): Step['dependsOn'] =>
  dependencies.filter((d, index) => dependencies.findIndex((other) => other.step === d.step && other.port === d.port) === index);
