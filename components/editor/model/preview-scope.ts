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
    env: {},
  };
}

/** `data` of a step: the one active upstream output, else an object by step id; undefined for a step that the trigger starts. */
function dataOf(session: EditorSession, workflow: Workflow, stepId: string): Json | undefined {
  const step = stepOf(workflow, stepId);
  if (!step) return undefined;
  const before = incoming(workflow, step);
  const active = before.flatMap(({ step: id, port }) => {
    const run = session.run.steps.get(id);
    if (!run) return [];
    const left = port === 'error' ? run.status === 'failed' : run.status === 'succeeded' && (port === undefined || run.port === undefined || run.port === port);
    return left ? [[id, run.output ?? null] as [string, Json]] : [];
  });
  if (before.length === 0) return undefined;
  if (active.length === 1) return active[0]?.[1];
  return Object.fromEntries(active);
}

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
    env: {},
  };
}
