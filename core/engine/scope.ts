import type { Scope } from '@/core/expression/expression';
import type { Json, JsonObject } from '@/core/workflow/workflow';
import type { Graph } from './graph';
import type { RunState, StepState } from './state';
import { isActive } from './step';

/** What expressions of a run may see besides its steps. */
export interface RunScope {
  input: Json;
  run: { id: string; attempt: number; startedAt: string };
  workflow: { name: string; version: number };
  vars: JsonObject;
  env: JsonObject;
}

/** The expression name `data`: the one active upstream output; with several, an object by step id; of a root, the run's input. */
export function dataOf(graph: Graph, state: RunState, index: number, input: Json): Json {
  const dependencies = graph.steps[index]?.dependencies ?? [];
  if (dependencies.length === 0) return input;
  if (dependencies.length === 1) return outputAlong(state, dependencies[0]?.from ?? -1, dependencies[0]?.port);
  const upstream = upstreamOf(graph, state, index);
  const ids = Object.keys(upstream);
  return ids.length === 1 ? (upstream[ids[0] as string] ?? null) : upstream;
}

/** Outputs of the active upstream steps by id, in the order of `depends_on`. */
export function upstreamOf(graph: Graph, state: RunState, index: number): JsonObject {
  const result: JsonObject = {};
  for (const edge of graph.steps[index]?.dependencies ?? []) {
    const source = state.steps[edge.from] as StepState;
    if (isActive(edge, source)) result[graph.steps[edge.from]?.id ?? ''] = outputAlong(state, edge.from, source.port === 'error' ? 'error' : undefined);
  }
  return result;
}

/** A step that failed and sent the run on passes its error as data. */
function outputAlong(state: RunState, from: number, port: string | undefined): Json {
  const source = state.steps[from];
  if (port === 'error' && source?.error) return { error: { code: source.error.code, message: source.error.message, step: source.error.step ?? null } };
  return source?.output ?? null;
}

/** All names an expression of this step can reach. */
export function scopeFor(state: RunState, base: RunScope, data: Json): Scope {
  return { input: base.input, data, steps: state.view, run: base.run, workflow: base.workflow, vars: base.vars, env: base.env };
}

/** The run's output once all steps have settled: its `output` template, else what the leaves that succeeded gave (one leaf: its output itself). */
export function outputOf(graph: Graph, state: RunState, base: RunScope): Json {
  if (graph.output) return graph.output.evaluate(scopeFor(state, base, base.input));
  const leaves = graph.leaves.filter((i) => state.steps[i]?.status === 'succeeded');
  if (leaves.length === 1 && graph.leaves.length === 1) return state.steps[leaves[0] as number]?.output ?? null;
  const result: JsonObject = {};
  for (const index of leaves) result[graph.steps[index]?.id ?? ''] = state.steps[index]?.output ?? null;
  return result;
}
