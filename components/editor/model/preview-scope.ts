import { stepData } from '@/core/runs/step-data';
import { allSteps, type Json, type JsonObject, type Workflow } from '@/core/workflow/workflow';
import { incoming } from './graph';
import type { EditorSession } from './session';
import { loopsAround, parentOf, placesOf, stepOf } from './step-tree';

/** Names the scope of what is evaluated in an iteration of a loop but belongs to no step inside: its `output`. */
export const insideOf = (loop: string): string => `${loop}[]`;

/** Names the scope of what a step gives when it has failed: there, `error` says why. */
export const failureOf = (step: string): string => `${step}!`;
const sampleError: JsonObject = { code: '', message: '', step: null, details: null };

/** What an expression belongs to: the step, and the loop whose `item` and `index` it sees. */
function placeOf(workflow: Workflow, scope: string | undefined): { step: string | undefined; loops: string[]; failed?: boolean } {
  if (scope === undefined) return { step: undefined, loops: [] };
  if (scope.endsWith('!')) return { ...placeOf(workflow, scope.slice(0, -1)), failed: true };
  if (!scope.endsWith('[]')) return { step: scope, loops: loopsAround(workflow, scope) };
  const loop = scope.slice(0, -2);
  return { step: undefined, loops: [...loopsAround(workflow, loop), loop] };
}

/** Whether an expression sees a step: on its own level, or on one around it. */
const inReach = (workflow: Workflow, id: string, loops: readonly string[]): boolean => {
  const parent = parentOf(workflow, id);
  return parent === undefined || loops.includes(parent);
};

/** The names in reach of a step's expressions, with the values they had in the run on the canvas. Undefined without a run. */
export function previewScope(session: EditorSession, workflow: Workflow, scope: string | undefined): JsonObject | undefined {
  const run = session.run.run.get();
  if (!run) return undefined;
  const { step: stepId, loops, failed } = placeOf(workflow, scope);
  const steps: JsonObject = {};
  for (const [id, step] of session.run.steps.entries()) {
    if (step.status === 'pending' || !inReach(workflow, id, loops)) continue;
    steps[id] = { output: step.output ?? null, status: step.status, error: step.error ? { code: step.error.code, message: step.error.message } : null };
  }
  const input = run.input ?? {};
  const round = roundOf(session, workflow, loops.at(-1) ?? whileOf(workflow, session, stepId));
  return {
    input,
    data: stepId ? (dataOf(session, workflow, stepId) ?? input) : (round?.item ?? input),
    ...round,
    steps,
    run: { id: run.id, attempt: 1, startedAt: new Date(run.startedAt ?? 0).toISOString() },
    workflow: { name: workflow.name, version: 0 },
    vars: {},
    env: env(),
    ...(failed ? { error: { ...sampleError, ...session.run.steps.get(stepId ?? '')?.error } } : {}),
  };
}

/** A while asks its condition with `item` and `index` too. */
function whileOf(workflow: Workflow, session: EditorSession, stepId: string | undefined): string | undefined {
  const step = stepId === undefined ? undefined : stepOf(workflow, stepId);
  return step && session.definitions.get(step.uses)?.container === 'while' ? step.id : undefined;
}

/** `item` and `index` of the iteration being looked at. */
function roundOf(session: EditorSession, workflow: Workflow, loop: string | undefined): { item: Json; index: number } | undefined {
  const step = loop === undefined ? undefined : stepOf(workflow, loop);
  if (!loop || !step) return undefined;
  const index = session.run.loops.get(loop)?.at ?? 0;
  return { item: session.run.itemOf(loop, index) ?? null, index };
}

/** `data` of a step in the run on the canvas; undefined without a run, or for a step that is gone. */
export function dataOf(session: EditorSession, workflow: Workflow, stepId: string): Json | undefined {
  const run = session.run.run.get();
  const place = placesOf(workflow).get(stepId);
  if (!run || !place) return undefined;
  const undone = place.level.find((step) => step.compensate === stepId);
  if (undone) return session.run.steps.get(undone.id)?.output ?? null;
  // to the beginning of an iteration its item is what the run's input is to the beginning of the run
  const given = place.parent === undefined ? (run.input ?? {}) : (roundOf(session, workflow, place.parent)?.item ?? null);
  return stepData({ ...workflow, steps: [...place.level] }, stepId, (id) => session.run.steps.get(id), given);
}

/** What the engine gives every project: the address under which this Heddle serves its own data, here the one the page was opened at. */
const env = (): JsonObject => (typeof window === 'undefined' ? {} : { heddle_url: window.location.origin });

/** Names for completion: the run's values where there is one, else the samples of the node types before this step. */
export function completionScope(session: EditorSession, workflow: Workflow, scope: string | undefined): JsonObject {
  const real = previewScope(session, workflow, scope);
  const { step: stepId, loops, failed } = placeOf(workflow, scope);
  const steps: JsonObject = {};
  for (const { id, uses } of allSteps(workflow.steps)) {
    if (id === stepId || loops.includes(id) || !inReach(workflow, id, loops)) continue;
    const sample = session.definitions.get(uses)?.sample ?? null;
    steps[id] = { output: sample, status: 'succeeded', error: null };
  }
  for (const [id, value] of Object.entries((real?.steps ?? {}) as JsonObject)) if (id in steps) steps[id] = value;
  const properties = workflow.input?.properties;
  const declared =
    properties && typeof properties === 'object' && !Array.isArray(properties) ? Object.fromEntries(Object.keys(properties).map((key) => [key, null])) : {};
  const known = real?.input && typeof real.input === 'object' && !Array.isArray(real.input) ? real.input : {};
  const input = { ...declared, ...known };
  const inLoop = loops.length > 0 || whileOf(workflow, session, stepId) !== undefined;
  const round: JsonObject = inLoop ? { item: real?.item ?? null, index: real?.index ?? 0 } : {};
  return {
    input,
    data: sampleData(session, workflow, stepId, steps) ?? round.item ?? input,
    ...round,
    steps,
    run: { id: '', attempt: 1, startedAt: '' },
    workflow: { name: workflow.name, version: 1 },
    vars: {},
    env: env(),
    ...(failed ? { error: sampleError } : {}),
  };
}

/** What came into the step in the run, else what the samples of the steps before it would give; undefined at the beginning of the workflow or an iteration. */
function sampleData(session: EditorSession, workflow: Workflow, stepId: string | undefined, steps: JsonObject): Json | undefined {
  const place = stepId === undefined ? undefined : placesOf(workflow).get(stepId);
  const before = place ? incoming(place.level, place.step).map((d) => d.step) : [];
  if (!place || before.length === 0) return undefined;
  const real = dataOf(session, workflow, place.step.id);
  if (real !== undefined) return real;
  const outputOf = (id: string): Json => (steps[id] as JsonObject | undefined)?.output ?? null;
  return before.length === 1 ? outputOf(before[0] as string) : Object.fromEntries(before.map((id) => [id, outputOf(id)]));
}
