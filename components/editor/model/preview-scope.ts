import { stepData } from '@/core/runs/step-data';
import type { Json, JsonObject, Workflow } from '@/core/workflow/workflow';
import { incoming, stepOf } from './graph';
import type { EditorSession } from './session';

/** The names in reach of a step's expressions, with the values they had in the run on the canvas. Undefined without a run. */
export function previewScope(session: EditorSession, workflow: Workflow, stepId: string | undefined): JsonObject | undefined {
  const run = session.run.run.get();
  if (!run) return undefined;
  const steps: JsonObject = {};
  for (const [id, step] of session.run.steps.entries()) {
    if (step.status === 'pending') continue;
    steps[id] = { output: step.output ?? null, status: step.status, error: step.error ? { code: step.error.code, message: step.error.message } : null };
  }
  const input = run.input ?? {};
  return {
    input,
    data: stepId ? (dataOf(session, workflow, stepId) ?? input) : input,
    steps,
    run: { id: run.id, attempt: 1, startedAt: new Date(run.startedAt ?? 0).toISOString() },
    workflow: { name: workflow.name, version: 0 },
    vars: {},
    env: env(),
  };
}

/** `data` of a step in the run on the canvas; undefined without a run, or for a step that is gone. */
export function dataOf(session: EditorSession, workflow: Workflow, stepId: string): Json | undefined {
  const run = session.run.run.get();
  return run ? stepData(workflow, stepId, (id) => session.run.steps.get(id), run.input ?? {}) : undefined;
}

/** What the engine gives every project: the address under which this Heddle serves its own data, here the one the page was opened at. */
const env = (): JsonObject => (typeof window === 'undefined' ? {} : { heddle_url: window.location.origin });

/** Names for completion: the run's values where there is one, else the samples of the node types before this step. */
export function completionScope(session: EditorSession, workflow: Workflow, stepId: string | undefined): JsonObject {
  const real = previewScope(session, workflow, stepId);
  const steps: JsonObject = {};
  for (const step of workflow.steps) {
    if (step.id === stepId) continue;
    const sample = session.definitions.get(step.uses)?.sample ?? null;
    steps[step.id] = { output: sample, status: 'succeeded', error: null };
  }
  for (const [id, value] of Object.entries((real?.steps ?? {}) as JsonObject)) if (id in steps) steps[id] = value;
  const properties = workflow.input?.properties;
  const input =
    properties && typeof properties === 'object' && !Array.isArray(properties) ? Object.fromEntries(Object.keys(properties).map((key) => [key, null])) : {};
  const known = real?.input && typeof real.input === 'object' && !Array.isArray(real.input) ? real.input : {};
  const step = stepId ? stepOf(workflow, stepId) : undefined;
  const before = step ? incoming(workflow, step).map((d) => d.step) : [];
  const sampleData =
    before.length === 1
      ? ((steps[before[0] as string] as JsonObject | undefined)?.output ?? null)
      : Object.fromEntries(before.map((id) => [id, (steps[id] as JsonObject | undefined)?.output ?? null]));
  return {
    input: { ...input, ...known },
    data: before.length === 0 ? { ...input, ...known } : (dataOf(session, workflow, stepId ?? '') ?? sampleData),
    steps,
    run: { id: '', attempt: 1, startedAt: '' },
    workflow: { name: workflow.name, version: 1 },
    vars: {},
    env: env(),
  };
}
