import type { NodeDefinition, NodePort } from '@/core/node/definition';
import type { Dependency, Step, Trigger, Workflow } from '@/core/workflow/workflow';

export type Definitions = ReadonlyMap<string, NodeDefinition>;
export const NODE_WIDTH = 248;
export const NODE_HEIGHT = 64;
/** Height a port needs when a node has more than two. */
const PORT_PITCH = 22;
/** The trigger drawn when a workflow has none. */
export const START_ID = 'trigger:start';
/** The exit under which `compensate` is drawn; no node type may have one of this name. */
export const UNDO_PORT = '$undo';

export const isTriggerId = (id: string): boolean => id.startsWith('trigger:');

/** Node ids of the triggers, in order; a workflow without triggers shows one implicit start. */
export function triggerIds(workflow: Workflow): string[] {
  return workflow.triggers.length > 0 ? workflow.triggers.map((_, index) => `trigger:${index}`) : [START_ID];
}

export function triggerOf(workflow: Workflow, id: string): Trigger | undefined {
  return id === START_ID ? undefined : workflow.triggers[Number(id.slice('trigger:'.length))];
}

/** Whether a step holds a body: by its type, or because the document gives it one (which must be seen to be mended). */
export const isLoop = (step: Step, definitions: Definitions): boolean => definitions.get(step.uses)?.container !== undefined || step.steps !== undefined;

/** The exits of a step as the canvas shows them: its definition's, and `error` when a failure leads somewhere. The plain exit has the id ''. */
export function exitsOf(step: Step, definitions: Definitions): NodePort[] {
  const declared = definitions.get(step.uses)?.ports;
  const ports = typeof declared === 'function' ? safely(() => declared(step.with)) : (declared ?? []);
  const exits = ports.length > 0 ? ports : [{ id: '', label: '' }];
  return step.onError?.kind === 'goto' ? [...exits, { id: 'error', label: 'on error' }] : exits;
}

/** Settings may be half-written while somebody types; a definition's function must not break the canvas. */
function safely(read: () => NodePort[]): NodePort[] {
  try {
    return read();
  } catch {
    return [];
  }
}

export const nodeHeight = (exits: number): number => NODE_HEIGHT + Math.max(0, exits - 2) * PORT_PITCH;

/** What a step of a level leads on from: its dependencies, and the steps whose failure goes to it. */
export function incoming(level: readonly Step[], step: Step): Dependency[] {
  const gotos = level.filter((other) => other.onError?.kind === 'goto' && other.onError.step === step.id);
  return [...step.dependsOn, ...gotos.map((other) => ({ step: other.id, port: 'error' }))];
}

/** The steps of a level that only undo others. */
export const undoingSteps = (level: readonly Step[]): Set<string> => new Set(level.flatMap((step) => step.compensate ?? []));

/** Steps of a level with nothing before them; triggers, or the loop around them, lead to all of these. Time O(steps + edges). */
export function rootsOf(level: readonly Step[]): Step[] {
  const known = new Set(level.map((step) => step.id));
  const reached = undoingSteps(level);
  for (const step of level) if (step.onError?.kind === 'goto') reached.add(step.onError.step);
  return level.filter((step) => !reached.has(step.id) && !step.dependsOn.some((dependency) => known.has(dependency.step)));
}

/** Successors by step id within a level, over dependencies and gotos. */
export function successors(level: readonly Step[]): Map<string, string[]> {
  const next = new Map<string, string[]>(level.map((step) => [step.id, []]));
  for (const step of level) {
    for (const dependency of step.dependsOn) next.get(dependency.step)?.push(step.id);
    if (step.onError?.kind === 'goto') next.get(step.id)?.push(step.onError.step);
  }
  return next;
}
