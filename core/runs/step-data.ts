import type { Failure, StepStatus } from '@/core/engine/events';
import type { Dependency, Json, JsonObject, Workflow } from '@/core/workflow/workflow';

/** What of a step's state decides what it hands on. */
export interface SettledStep {
  status: StepStatus;
  output?: Json | null;
  port?: string | null;
  error?: Failure | null;
}

/**
 * The expression name `data` as a step saw it, from a run's log (the engine does not record it): the one active upstream output, with several
 * an object by step id; of a root, the run's input. `stateOf` gives a step's state by id. Undefined for a step that the workflow does not have.
 */
export function stepData(workflow: Workflow, stepId: string, stateOf: (id: string) => SettledStep | undefined, input: Json): Json | undefined {
  const step = workflow.steps.find(({ id }) => id === stepId);
  if (!step) return undefined;
  const gotos = workflow.steps.filter(({ onError }) => onError?.kind === 'goto' && onError.step === stepId);
  const before: Dependency[] = [...step.dependsOn, ...gotos.map(({ id }) => ({ step: id, port: 'error' }))];
  if (before.length === 0) return input;
  const active: JsonObject = {};
  for (const { step: id, port } of before) {
    const state = stateOf(id);
    if (state && leftBy(state, port)) active[id] = handedOn(state, port);
  }
  const values = Object.values(active);
  if (values.length === 1) return values[0];
  return before.length === 1 ? null : active;
}

function leftBy({ status, port: left }: SettledStep, port: string | undefined): boolean {
  if (port === 'error') return status === 'failed';
  // a failed step that others go on from was told to continue
  if (status === 'failed') return !port && left !== 'error';
  return status === 'succeeded' && (!port || !left || left === port);
}

function handedOn({ output, error }: SettledStep, port: string | undefined): Json {
  if (port === 'error' && error) return { error: { code: error.code, message: error.message, step: error.step ?? null } };
  return output ?? null;
}
