import type { Workflow } from '@/core/workflow/workflow';
import { type Definitions, exitsOf, isTriggerId, rootsOf, stepOf, successors } from './graph';

export interface Connection {
  source: string;
  /** '' or undefined: the plain exit */
  port?: string;
  target: string;
}

/** Why these two may not be connected, in words for the person drawing; undefined when they may. */
export function refusal(workflow: Workflow, connection: Connection, definitions: Definitions): string | undefined {
  const { source, target } = connection;
  const port = connection.port || undefined;
  if (isTriggerId(target)) return 'Nothing can lead into a trigger.';
  const targetStep = stepOf(workflow, target);
  if (!targetStep) return 'That step no longer exists.';
  if (source === target) return 'A step cannot follow itself.';
  if (isTriggerId(source)) {
    return rootsOf(workflow).includes(targetStep)
      ? 'The trigger already leads here.'
      : 'A trigger leads to every step without an incoming connection. Remove the other connections of this step first.';
  }
  const sourceStep = stepOf(workflow, source);
  if (!sourceStep) return 'That step no longer exists.';
  const duplicate =
    port === 'error'
      ? sourceStep.onError?.kind === 'goto' && sourceStep.onError.step === target
      : targetStep.dependsOn.some((d) => d.step === source && d.port === port);
  if (duplicate) return 'These two are already connected.';
  const exits = exitsOf(sourceStep, definitions);
  if (port !== 'error' && !exits.some((exit) => exit.id === (port ?? ''))) return `${titleOf(workflow, source)} has no exit “${port ?? ''}”.`;
  const loop = pathBetween(workflow, target, source);
  if (loop) return `That would make a loop: ${[...loop, target].map((id) => titleOf(workflow, id)).join(' → ')}.`;
  return undefined;
}

/** The steps from `from` to `to` along connections, both included; undefined when there is no way. Breadth first, O(steps + edges). */
export function pathBetween(workflow: Workflow, from: string, to: string): string[] | undefined {
  const next = successors(workflow);
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
