import { type CompiledExpression, compileExpression } from '@/core/expression/expression';
import { type CompiledTemplate, compileTemplate } from '@/core/expression/template';
import type { NodeDefinition } from '@/core/node/definition';
import type { RetryPolicy, Step, Workflow } from '@/core/workflow/workflow';
import { type CompiledSettings, compileSettings } from './settings';

/** A workflow prepared for running: indices instead of ids, expressions parsed, settings compiled. Immutable, shared by all runs of a version. */
export interface Graph {
  workflow: Workflow;
  steps: GraphStep[];
  indexOf: ReadonlyMap<string, number>;
  /** steps without dependencies, in order */
  roots: number[];
  /** steps nothing depends on by a normal edge: their outputs are the run's when `output` is absent */
  leaves: number[];
  output?: CompiledTemplate;
}

export interface GraphStep {
  index: number;
  id: string;
  definition: NodeDefinition;
  inline: boolean;
  dependencies: GraphEdge[];
  dependents: GraphEdge[];
  settings: CompiledSettings;
  condition?: CompiledExpression;
  timeout?: number;
  retry?: RetryPolicy;
  onError: NonNullable<Step['onError']>;
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

/** Compiles a validated workflow. Linear in steps and edges. Throws GraphError or ExpressionError. */
export function compileGraph(workflow: Workflow, definitions: ReadonlyMap<string, NodeDefinition>): Graph {
  const indexOf = new Map(workflow.steps.map((step, index) => [step.id, index]));
  const steps = workflow.steps.map((step, index) => compileStep(step, index, definitions, indexOf));
  const connect = (from: string, to: number, port: string | undefined) => {
    const source = indexOf.get(from);
    if (source === undefined) throw new GraphError(`The step "${workflow.steps[to]?.id}" depends on "${from}", which does not exist.`, workflow.steps[to]?.id);
    const edge: GraphEdge = { from: source, to, port };
    steps[source]?.dependents.push(edge);
    steps[to]?.dependencies.push(edge);
  };
  workflow.steps.forEach((step, index) => {
    for (const dependency of step.dependsOn) connect(dependency.step, index, dependency.port);
  });
  workflow.steps.forEach((step) => {
    if (step.onError?.kind !== 'goto') return;
    const target = indexOf.get(step.onError.step);
    if (target === undefined) return;
    const already = steps[target]?.dependencies.some((e) => workflow.steps[e.from]?.id === step.id && e.port === 'error');
    if (!already) connect(step.id, target, 'error');
  });
  return {
    workflow,
    steps,
    indexOf,
    roots: steps.filter((s) => s.dependencies.length === 0).map((s) => s.index),
    leaves: steps.filter((s) => s.dependents.every((e) => e.port === 'error')).map((s) => s.index),
    output: workflow.output === undefined ? undefined : compileTemplate(workflow.output),
  };
}

function compileStep(step: Step, index: number, definitions: ReadonlyMap<string, NodeDefinition>, indexOf: Graph['indexOf']): GraphStep {
  const definition = definitions.get(step.uses);
  if (!definition) throw new GraphError(`The step "${step.id}" uses the node type "${step.uses}", which does not exist.`, step.id);
  // validation warns of a goto to a step that does not exist (yet): it fails the run
  const nowhere = step.onError?.kind === 'goto' && !indexOf.has(step.onError.step);
  return {
    index,
    id: step.id,
    definition,
    inline: definition.execution === 'inline',
    dependencies: [],
    dependents: [],
    settings: compileSettings(step.with, definition),
    condition: step.condition === undefined ? undefined : compileExpression(step.condition),
    timeout: step.timeout,
    retry: step.retry,
    onError: step.onError && !nowhere ? step.onError : { kind: 'fail' },
  };
}
