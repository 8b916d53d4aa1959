import { type CompiledExpression, compileExpression } from '@/core/expression/expression';
import { type CompiledTemplate, compileTemplate } from '@/core/expression/template';
import type { NodeDefinition } from '@/core/node/definition';
import type { RetryPolicy, Step, Workflow } from '@/core/workflow/workflow';
import { type CompiledSettings, compileSettings } from './settings';

/**
 * A workflow, or the body of a container, prepared for running: indices instead of ids, expressions parsed, settings compiled. Immutable, shared by
 * all runs of a version.
 */
export interface Graph {
  workflow: Workflow;
  steps: GraphStep[];
  indexOf: ReadonlyMap<string, number>;
  /** steps without dependencies, in order; those that only undo others are none */
  roots: number[];
  /** steps nothing depends on by a normal edge: their outputs are the run's when `output` is absent */
  leaves: number[];
  /** steps that take part in the normal course */
  count: number;
  output?: CompiledTemplate;
  /** every step by id, those of bodies too; the same map at each level */
  all: ReadonlyMap<string, GraphStep>;
}

export interface GraphStep {
  index: number;
  id: string;
  definition: NodeDefinition;
  inline: boolean;
  dependencies: GraphEdge[];
  dependents: GraphEdge[];
  /** how many active dependencies start it; undefined: it waits for all to settle */
  need?: number;
  settings: CompiledSettings;
  condition?: CompiledExpression;
  timeout?: number;
  retry?: RetryPolicy;
  onError: NonNullable<Step['onError']>;
  fallback?: CompiledTemplate;
  /** index of the step that undoes it */
  undoneBy?: number;
  /** it runs only to undo another */
  undoes: boolean;
  /** of a container: the graph of one iteration */
  body?: Graph;
  /** the containers it is in, outermost first */
  containers: readonly GraphStep[];
}

/** `port` undefined: any success; `error`: the source failed and sent the run on here. */
export interface GraphEdge {
  from: number;
  to: number;
  port?: string;
}

/** A definition that cannot run: what validation would have said, found late (a node type that is gone, for example). */
export class GraphError extends Error {
  readonly step?: string;
  constructor(message: string, step?: string) {
    super(message);
    this.name = 'GraphError';
    this.step = step;
  }
}

interface Compilation {
  workflow: Workflow;
  definitions: ReadonlyMap<string, NodeDefinition>;
  all: Map<string, GraphStep>;
}

/** Compiles a validated workflow. Linear in steps and edges. Throws GraphError or ExpressionError. */
export function compileGraph(workflow: Workflow, definitions: ReadonlyMap<string, NodeDefinition>): Graph {
  return compileLevel(workflow.steps, workflow.output, [], { workflow, definitions, all: new Map() });
}

function compileLevel(source: readonly Step[], output: Workflow['output'], containers: readonly GraphStep[], compilation: Compilation): Graph {
  const { workflow, all } = compilation;
  const indexOf = new Map(source.map((step, index) => [step.id, index]));
  const steps = source.map((step, index) => compileStep(step, index, indexOf, containers, compilation));
  connectAll(source, steps, indexOf);
  for (const step of steps) if (step.undoneBy !== undefined) (steps[step.undoneBy] as GraphStep).undoes = true;
  const normal = steps.filter((s) => !s.undoes);
  return {
    workflow,
    steps,
    indexOf,
    roots: normal.filter((s) => s.dependencies.length === 0).map((s) => s.index),
    leaves: normal.filter((s) => s.dependents.every((e) => e.port === 'error')).map((s) => s.index),
    count: normal.length,
    output: output === undefined ? undefined : compileTemplate(output),
    all,
  };
}

function connectAll(source: readonly Step[], steps: GraphStep[], indexOf: ReadonlyMap<string, number>): void {
  const connect = (from: string, to: number, port: string | undefined) => {
    const at = indexOf.get(from);
    if (at === undefined) throw new GraphError(`The step "${source[to]?.id}" depends on "${from}", which does not exist.`, source[to]?.id);
    const edge: GraphEdge = { from: at, to, port };
    steps[at]?.dependents.push(edge);
    steps[to]?.dependencies.push(edge);
  };
  source.forEach((step, index) => {
    for (const dependency of step.dependsOn) connect(dependency.step, index, dependency.port);
  });
  source.forEach((step) => {
    if (step.onError?.kind !== 'goto') return;
    const target = indexOf.get(step.onError.step);
    if (target === undefined) return;
    const already = steps[target]?.dependencies.some((e) => source[e.from]?.id === step.id && e.port === 'error');
    if (!already) connect(step.id, target, 'error');
  });
}

function compileStep(step: Step, index: number, indexOf: Graph['indexOf'], containers: readonly GraphStep[], compilation: Compilation): GraphStep {
  const definition = compilation.definitions.get(step.uses);
  if (!definition) throw new GraphError(`The step "${step.id}" uses the node type "${step.uses}", which does not exist.`, step.id);
  // validation warns of a goto to a step that does not exist (yet): it fails the run
  const nowhere = step.onError?.kind === 'goto' && !indexOf.has(step.onError.step);
  const compiled: GraphStep = {
    index,
    id: step.id,
    definition,
    inline: definition.execution === 'inline',
    dependencies: [],
    dependents: [],
    need: step.join === 'any' ? 1 : step.join,
    settings: compileSettings(step.with, definition),
    condition: step.condition === undefined ? undefined : compileExpression(step.condition),
    timeout: step.timeout,
    retry: step.retry,
    onError: step.onError && !nowhere ? step.onError : { kind: 'fail' },
    fallback: step.onError?.kind === 'fallback' ? compileTemplate(step.onError.value) : undefined,
    undoneBy: step.compensate === undefined ? undefined : indexOf.get(step.compensate),
    undoes: false,
    containers,
  };
  if (definition.container) compiled.body = compileLevel(step.steps ?? [], step.output, [...containers, compiled], compilation);
  compilation.all.set(step.id, compiled);
  return compiled;
}
