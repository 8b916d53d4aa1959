import type { Workflow } from '@/core/workflow/workflow';
import type { Connection } from './connection';
import type { Operation } from './draft-store';
import { isTriggerId, UNDO_PORT } from './graph';
import { mapStep, parentOf, without } from './step-tree';

/** What triggers lead to, and what a loop's iterations begin with, follows from what is connected; nobody draws it. */
export const isImplied = (workflow: Workflow, { source, target }: Connection): boolean => isTriggerId(source) || parentOf(workflow, target) === source;

/** Connects two steps. From the `error` exit it sets where the failure goes. The caller has asked `refusal` first. */
export function connect(connection: Connection): Operation {
  const { source, port, target } = connection;
  return (workflow) => {
    if (isImplied(workflow, connection)) return workflow;
    if (port === 'error') return mapStep(workflow, source, (step) => ({ ...step, onError: { kind: 'goto', step: target } }));
    if (port === UNDO_PORT) return mapStep(workflow, source, (step) => ({ ...step, compensate: target }));
    return mapStep(workflow, target, (step) => ({ ...step, dependsOn: [...step.dependsOn, port ? { step: source, port } : { step: source }] }));
  };
}

/** Removes connections. Those that are implied stay. */
export function disconnect(connections: Connection[]): Operation {
  return (workflow) => connections.reduce(removeConnection, workflow);
}

function removeConnection(workflow: Workflow, connection: Connection): Workflow {
  const { source, port, target } = connection;
  if (isImplied(workflow, connection)) return workflow;
  if (port === 'error') {
    return mapStep(workflow, source, (step) => (step.onError?.kind === 'goto' && step.onError.step === target ? without(step, 'onError') : step));
  }
  if (port === UNDO_PORT) return mapStep(workflow, source, (step) => (step.compensate === target ? without(step, 'compensate') : step));
  const wanted = port || undefined;
  return mapStep(workflow, target, (step) => {
    const dependsOn = step.dependsOn.filter((d) => d.step !== source || d.port !== wanted);
    return dependsOn.length === step.dependsOn.length ? step : withFittingJoin({ ...step, dependsOn });
  });
}

/** A step cannot wait for more than what leads to it. */
export function withFittingJoin<T extends { join?: 'any' | number; dependsOn: unknown[] }>(step: T): T {
  if (step.join === undefined || (step.dependsOn.length >= 2 && (step.join === 'any' || step.join <= step.dependsOn.length))) return step;
  return without(step, 'join') as T;
}
