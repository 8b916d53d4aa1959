import type { Step, Workflow } from '@/core/workflow/workflow';
import { type Definitions, exitsOf, isTriggerId, rootsOf, successors, undoingSteps } from './graph';
import { isInside, levelOf, parentOf, stepOf } from './step-tree';

export interface Connection {
  source: string;
  /** '' or undefined: the plain exit */
  port?: string;
  target: string;
}

/** Why these two may not be connected, in words for the person drawing; undefined when they may. */
export function refusal(workflow: Workflow, connection: Connection, definitions: Definitions): string | undefined {
  const { source, target } = connection;
  if (isTriggerId(target)) return 'Nothing can lead into a trigger.';
  const targetStep = stepOf(workflow, target);
  if (!targetStep) return 'That step no longer exists.';
  if (source === target) return 'A step cannot follow itself.';
  if (isTriggerId(source)) {
    if (parentOf(workflow, target) !== undefined) return crossing(workflow, source, target);
    return rootsOf(workflow.steps).includes(targetStep)
      ? 'The trigger already leads here.'
      : 'A trigger leads to every step without an incoming connection. Remove the other connections of this step first.';
  }
  const sourceStep = stepOf(workflow, source);
  if (!sourceStep) return 'That step no longer exists.';
  if (parentOf(workflow, source) !== parentOf(workflow, target)) return crossing(workflow, source, target);
  return refusalOnLevel(workflow, connection, sourceStep, targetStep, definitions);
}

/** The same for two steps of one level. */
function refusalOnLevel(workflow: Workflow, connection: Connection, source: Step, target: Step, definitions: Definitions): string | undefined {
  const port = connection.port || undefined;
  const level = levelOf(workflow, source.id);
  const undoing = undoingSteps(level);
  for (const step of [target, source]) {
    if (undoing.has(step.id)) return `“${titleOf(workflow, step.id)}” only undoes another step when a run fails. Nothing leads to it or follows it.`;
  }
  const duplicate =
    port === 'error'
      ? source.onError?.kind === 'goto' && source.onError.step === target.id
      : target.dependsOn.some((d) => d.step === source.id && d.port === port);
  if (duplicate) return 'These two are already connected.';
  const exits = exitsOf(source, definitions);
  if (port !== 'error' && !exits.some((exit) => exit.id === (port ?? ''))) return `${titleOf(workflow, source.id)} has no exit “${port ?? ''}”.`;
  const loop = pathBetween(level, target.id, source.id);
  if (loop) return `That would make a loop: ${[...loop, target.id].map((id) => titleOf(workflow, id)).join(' → ')}.`;
  return undefined;
}

/** Whoever wants to draw across a frame is told what to do instead. */
function crossing(workflow: Workflow, source: string, target: string): string {
  if (isInside(workflow, target, source)) return 'An iteration begins with every step inside that nothing leads to. Remove what leads to this step first.';
  if (isInside(workflow, source, target)) return `What follows “${titleOf(workflow, target)}” starts after its last iteration. Draw from the frame instead.`;
  const outer = parentOf(workflow, target) ?? parentOf(workflow, source) ?? '';
  const [inner, other] = parentOf(workflow, target) === undefined ? ['source', target] : ['target', source];
  return `No connection may cross the frame of “${titleOf(workflow, outer)}”. Connect ${isTriggerId(other) ? 'the trigger' : `“${titleOf(workflow, other)}”`} ${inner === 'source' ? 'behind' : 'to'} the loop itself.`;
}

/** The steps from `from` to `to` along the connections of a level, both included; undefined when there is no way. Breadth first, O(steps + edges). */
export function pathBetween(level: readonly Step[], from: string, to: string): string[] | undefined {
  const next = successors(level);
  const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
  const queue = [from];
  for (const id of queue) {
    if (id === to) {
      const path: string[] = [];
      for (let at: string | undefined = id; at !== undefined; at = cameFrom.get(at)) path.unshift(at);
      return path;
    }
    for (const after of next.get(id) ?? []) {
      if (cameFrom.has(after)) continue;
      cameFrom.set(after, id);
      queue.push(after);
    }
  }
  return undefined;
}

export function titleOf(workflow: Workflow, id: string): string {
  const step = stepOf(workflow, id);
  return step?.title || step?.id || id;
}
