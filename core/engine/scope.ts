import type { Scope } from '@/core/expression/expression';
import type { Json, JsonObject } from '@/core/workflow/workflow';
import type { GraphEdge } from './graph';
import type { Frame, StepState, StepView } from './state';
import { isActive } from './step';

/** What expressions of a run may see besides its steps. */
export interface RunScope {
  input: Json;
  run: { id: string; attempt: number; startedAt: string; callbackUrl?: string };
  workflow: { name: string; version: number };
  vars: JsonObject;
  env: JsonObject;
}

/**
 * The expression name `data`: the one active upstream output; with several, an object by step id; of a root, the run's input, in a loop the item.
 * Of a step that undoes another, the output of that one.
 */
export function dataOf(frame: Frame, index: number, input: Json): Json {
  const dependencies = frame.graph.steps[index]?.dependencies ?? [];
  if (dependencies.length === 0) return frame.parent ? (frame.item ?? null) : input;
  if (dependencies.length === 1) return outputAlong(frame, dependencies[0]?.from ?? -1, dependencies[0]?.port);
  const upstream = upstreamOf(frame, index);
  const ids = Object.keys(upstream);
  return ids.length === 1 ? (upstream[ids[0] as string] ?? null) : upstream;
}

/** Outputs of the active upstream steps by id, in the order of `depends_on`. A step with `join` sees those that started it. */
export function upstreamOf(frame: Frame, index: number): JsonObject {
  const result: JsonObject = {};
  const arrived = frame.steps[index]?.arrived;
  for (const edge of frame.graph.steps[index]?.dependencies ?? []) {
    const source = frame.steps[edge.from] as StepState;
    if (counts(edge, source, arrived))
      result[frame.graph.steps[edge.from]?.id ?? ''] = outputAlong(frame, edge.from, source.port === 'error' ? 'error' : undefined);
  }
  return result;
}

function counts(edge: GraphEdge, source: StepState, arrived: number[] | undefined): boolean {
  return isActive(edge, source) && (arrived === undefined || arrived.includes(edge.from));
}

/** A step that failed and sent the run on passes its error as data. */
function outputAlong(frame: Frame, from: number, port: string | undefined): Json {
  const source = frame.steps[from];
  if (port === 'error' && source?.error) return { error: { code: source.error.code, message: source.error.message, step: source.error.step ?? null } };
  return source?.output ?? null;
}

/** All names an expression of a step at this level can reach; in a loop also `item`, `index` and the steps around it. */
export function scopeFor(frame: Frame, base: RunScope, data: Json): Scope {
  const { input, run, workflow, vars, env } = base;
  if (!frame.parent) return { input, data, steps: frame.view, run, workflow, vars, env };
  return {
    input,
    data,
    item: frame.item ?? null,
    index: frame.index ?? 0,
    run,
    workflow,
    vars,
    env,
    get steps() {
      return stepsInReach(frame);
    },
  };
}

/** The scope of a while's condition: `item` is what the last iteration gave, `index` the number of the next. */
export function conditionScope(frame: Frame, index: number, base: RunScope, data: Json): Scope {
  const loop = frame.steps[index]?.loop;
  const outer = scopeFor(frame, base, data);
  return { ...outer, steps: frame.parent ? stepsInReach(frame) : frame.view, item: loop?.last ?? null, index: loop?.next ?? 0 };
}

function stepsInReach(frame: Frame): Record<string, StepView> {
  const levels: Frame[] = [];
  for (let at: Frame | undefined = frame; at; at = at.parent?.frame) levels.unshift(at);
  return Object.assign(Object.create(null) as Record<string, StepView>, ...levels.map((l) => l.view));
}

/** What a level gives once all its steps have settled: its `output` template, else what the leaves that succeeded gave (one leaf: its output itself). */
export function outputOf(frame: Frame, base: RunScope): Json {
  const { graph } = frame;
  if (graph.output) return graph.output.evaluate(scopeFor(frame, base, frame.parent ? (frame.item ?? null) : base.input));
  const leaves = graph.leaves.filter((i) => frame.steps[i]?.status === 'succeeded');
  if (leaves.length === 1 && graph.leaves.length === 1) return frame.steps[leaves[0] as number]?.output ?? null;
  const result: JsonObject = {};
  for (const index of leaves) result[graph.steps[index]?.id ?? ''] = frame.steps[index]?.output ?? null;
  return result;
}
