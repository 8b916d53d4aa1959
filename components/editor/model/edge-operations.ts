import type { Step, Workflow } from '@/core/workflow/workflow';
import type { Connection } from './connection';
import type { Operation } from './draft-store';
import { isTriggerId } from './graph';

/** Connects two steps. From the `error` exit it sets where the failure goes. The caller has asked `refusal` first. */
export function connect({ source, port, target }: Connection): Operation {
  return (workflow) => {
    if (isTriggerId(source)) return workflow;
    if (port === 'error') return mapStep(workflow, source, (step) => ({ ...step, onError: { kind: 'goto', step: target } }));
    return mapStep(workflow, target, (step) => ({ ...step, dependsOn: [...step.dependsOn, port ? { step: source, port } : { step: source }] }));
  };
}

/** Removes connections. Those of triggers are implied and stay. */
export function disconnect(connections: Connection[]): Operation {
  return (workflow) => connections.reduce(removeConnection, workflow);
}

function removeConnection(workflow: Workflow, { source, port, target }: Connection): Workflow {
  if (isTriggerId(source)) return workflow;
  if (port === 'error') {
    return mapStep(workflow, source, (step) => (step.onError?.kind === 'goto' && step.onError.step === target ? without(step, 'onError') : step));
  }
  const wanted = port || undefined;
  return mapStep(workflow, target, (step) => {
    const dependsOn = step.dependsOn.filter((d) => d.step !== source || d.port !== wanted);
    return dependsOn.length === step.dependsOn.length ? step : { ...step, dependsOn };
  });
}

/** Changes one step; the others, and the workflow when nothing changed, keep their identity. */
export function mapStep(workflow: Workflow, id: string, change: (step: Step) => Step): Workflow {
  let changed = false;
  const steps = workflow.steps.map((step) => {
    if (step.id !== id) return step;
    const next = change(step);
    changed ||= next !== step;
    return next;
  });
  return changed ? { ...workflow, steps } : workflow;
}

/** A copy without an optional field, so that nothing undefined is written into the document. */
export function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> & Partial<Pick<T, K>> {
  const { [key]: _removed, ...rest } = value;
  return rest as Omit<T, K> & Partial<Pick<T, K>>;
}
