import { scopeNames } from '@/core/expression/check-expression';
import { closestName, didYouMean, listNames } from '@/core/expression/suggest';
import type { NodeDefinition } from '@/core/node/definition';
import { slugPattern, stepIdPattern, workflowLimits } from './awl-schema';
import { checkCompensations } from './check-compensations';
import { checkConnections } from './check-connections';
import { checkExpressionAt, checkTemplatesAt, type StepNames } from './check-expressions';
import { checkSettings } from './check-settings';
import { checkEventFilter } from './event-filter';
import { adjacencyOf, ancestorsOf, cyclesOf } from './graph';
import { formatPath } from './issue-message';
import { checkSchema } from './json-schema';
import type { Validation } from './validation';
import { allSteps, type Problem, type Step, type Workflow } from './workflow';

const maxProblems = 200;
/** loops in loops */
const deepestLoops = 5;

/**
 * Everything that can be found wrong with a workflow without running it: types, ids, connections, cycles, expressions, settings, schemas.
 * Linear in the size of the workflow. An empty list, or one of warnings alone, means that it can run.
 */
export function validateWorkflow(workflow: Workflow, definitions: ReadonlyMap<string, NodeDefinition>): Problem[] {
  const problems: Problem[] = [];
  const report: Validation['report'] = (path, message, step, severity = 'error') => {
    if (problems.length < maxProblems) problems.push({ path, message, ...(step === undefined ? {} : { step }), severity });
  };
  if (!slugPattern.test(workflow.name)) report('workflow.name', 'wants small letters, digits and -, as in data-pipeline');
  if (workflow.steps.length === 0) report('workflow.steps', 'is empty; a workflow wants at least one step');
  const count = allSteps(workflow.steps).length;
  if (count > workflowLimits.steps) {
    report('workflow.steps', `has ${count.toLocaleString('en-US')} steps; at most ${workflowLimits.steps.toLocaleString('en-US')} are allowed`);
    return problems;
  }
  const { steps } = workflow;
  const validation = {
    workflow,
    steps,
    path: 'workflow.steps',
    definitions,
    adjacency: adjacencyOf(workflow),
    report,
    full: () => problems.length >= maxProblems,
  };
  checkIds(validation);
  checkTriggers(validation);
  checkLevel(validation, undefined);
  checkLimitKeys(validation);
  if (workflow.input) for (const { path, message } of checkSchema(workflow.input)) report(formatPath('workflow.input', path), message);
  return problems;
}

/** Ids are unique over the whole workflow: a path is an id and loop indices. */
function checkIds({ workflow, report }: Validation): void {
  const seen = new Map<string, string>();
  const visit = (steps: readonly Step[], path: string): void =>
    steps.forEach((step, i) => {
      const at = `${path}[${i}]`;
      if (!stepIdPattern.test(step.id)) report(`${at}.id`, 'wants an id of letters, digits, - and _ that starts with a letter', step.id);
      const first = seen.get(step.id);
      if (first === undefined) seen.set(step.id, at);
      else report(`${at}.id`, `the id "${step.id}" is also that of ${first}`, step.id);
      if (step.steps) visit(step.steps, `${at}.steps`);
    });
  visit(workflow.steps, 'workflow.steps');
}

function checkTriggers({ workflow, definitions, adjacency, report }: Validation): void {
  workflow.triggers.forEach((trigger, i) => {
    const path = `workflow.triggers[${i}]`;
    const definition = definitions.get(trigger.type);
    if (definition?.kind !== 'trigger') {
      const known = [...definitions.values()].filter((each) => each.kind === 'trigger').map((each) => each.type);
      const hint = definition ? `; "${trigger.type}" is a step` : didYouMean(trigger.type, known);
      report(path, `unknown trigger type "${trigger.type}"${hint || `; the triggers are ${listNames(known)}`}`);
      return;
    }
    for (const { path: at, message } of checkSettings(definition, trigger.with)) report(formatPath(`${path}.${trigger.type}`, at), message);
    const { respond, filter } = trigger.with;
    if (trigger.type === 'event' && typeof filter === 'string') for (const message of checkEventFilter(filter)) report(`${path}.event.filter`, message);
    if (trigger.type === 'webhook' && typeof respond === 'string' && respond !== 'accepted' && respond !== 'last' && !adjacency.indexOf.has(respond)) {
      report(
        `${path}.webhook.respond`,
        `wants accepted, last or the id of a step; there is no step "${respond}"${didYouMean(respond, adjacency.indexOf.keys())}`,
      );
    }
  });
}

/** The steps of the workflow, or of a body; `around`: what the container of that body can name. */
function checkLevel(validation: Validation, around: StepNames | undefined): void {
  checkConnections(validation);
  const cyclic = checkCycles(validation);
  checkCompensations(validation);
  checkSteps(validation, cyclic, around);
}

/** Names each cycle; whether there was one. */
function checkCycles({ steps, path, adjacency, report }: Validation): boolean {
  const cycles = cyclesOf(adjacency);
  for (const cycle of cycles) {
    const ids = cycle.map((i) => steps[i]?.id ?? '');
    const shown = ids.length > 12 ? [...ids.slice(0, 6), '…', ...ids.slice(-5)] : ids;
    const [first] = cycle;
    const name = ids.length === 1 ? `the step "${ids[0]}" depends on itself` : `these steps wait for each other: ${[...shown, ids[0]].join(' → ')}`;
    report(`${path}[${first}].depends_on`, name, ids[0]);
  }
  return cycles.length > 0;
}

function checkSteps(validation: Validation, cyclic: boolean, around: StepNames | undefined): void {
  const { steps, adjacency, definitions, report, workflow } = validation;
  const ids = [...adjacency.indexOf.keys(), ...(around?.ids ?? [])];
  let isAncestor: ReturnType<typeof ancestorsOf> | undefined;
  const names = around?.names ?? scopeNames;
  const namesFor = (at: number | undefined): StepNames => ({
    ids,
    names,
    has: (id) => adjacency.indexOf.has(id) || (around?.has(id) ?? false),
    comesBefore: (id) => {
      const index = adjacency.indexOf.get(id);
      if (index === undefined) return around?.comesBefore(id) ?? true;
      if (at === undefined || cyclic) return true;
      isAncestor ??= ancestorsOf(adjacency);
      return isAncestor(at, index);
    },
  });
  steps.forEach((step, i) => {
    if (validation.full()) return;
    const path = `${validation.path}[${i}]`;
    const say: Say = (at, message, severity) => report(at, message, step.id, severity);
    const definition = definitionOf(step, path, definitions, report);
    // what undoes a step runs after everything
    const own = step.dependsOn.length === 0 && steps.some((other) => other.compensate === step.id) ? namesFor(undefined) : namesFor(i);
    if (step.condition !== undefined) checkExpressionAt(step.condition, `${path}.condition`, own, say);
    if (definition) {
      const looping = definition.container === 'while' ? { ...own, names: withItem(names) } : own;
      checkTemplatesAt(step.with, `${path}.with`, definition, looping, say);
      for (const { path: at, message } of checkSettings(definition, step.with)) say(formatPath(`${path}.with`, at), message);
    }
    const { filter } = step.with;
    if (step.uses === 'wait-for-event' && typeof filter === 'string') for (const message of checkEventFilter(filter)) say(`${path}.with.filter`, message);
    if (step.onError?.kind === 'fallback')
      checkTemplatesAt(step.onError.value, `${path}.on_error.fallback`, undefined, { ...own, names: [...names, 'error'] }, say);
    checkJoin(step, `${path}.join`, adjacency.incoming[i]?.length ?? 0, say);
    checkContainer(validation, step, path, definition, own, say);
  });
  if (!around && workflow.output !== undefined)
    checkTemplatesAt(workflow.output, 'workflow.output', undefined, namesFor(undefined), (at, message, severity) => report(at, message, undefined, severity));
}

type Say = (path: string, message: string, severity?: Problem['severity']) => void;

const withItem = (names: readonly string[]): string[] => [...new Set([...names, 'item', 'index'])];

function checkJoin(step: Step, path: string, dependencies: number, say: Say): void {
  if (typeof step.join === 'number' && step.join > dependencies)
    say(path, `wants ${step.join} of the steps before it, and there ${dependencies === 1 ? 'is' : 'are'} ${dependencies}`);
}

/** A container has steps, in a graph of their own; nothing else has. */
function checkContainer(validation: Validation, step: Step, path: string, definition: NodeDefinition | undefined, names: StepNames, say: Say): void {
  if (!definition) return;
  const steps = step.steps ?? [];
  if (!definition.container) {
    if (step.steps) say(`${path}.steps`, `a ${step.uses} step has no steps inside; for-each and while have`);
    if (step.output !== undefined) say(`${path}.output`, 'only loops have an output of their own; what a step gives is steps.ID.output');
    return;
  }
  if (steps.length === 0) return say(`${path}.steps`, 'is empty; a loop wants at least one step');
  const depth = validation.path.split('.steps').length - 1;
  if (depth > deepestLoops) return say(`${path}.steps`, `loops may be ${deepestLoops} deep`);
  const inner = { ...validation, steps, path: `${path}.steps`, adjacency: adjacencyOf({ steps: [...steps] }) };
  const around = { ...names, names: withItem(names.names) };
  checkLevel(inner, around);
  if (step.output === undefined) return;
  const all: StepNames = {
    ...around,
    ids: [...inner.adjacency.indexOf.keys(), ...names.ids],
    has: (id) => inner.adjacency.indexOf.has(id) || names.has(id),
    comesBefore: (id) => inner.adjacency.indexOf.has(id) || names.comesBefore(id),
  };
  checkTemplatesAt(step.output, `${path}.output`, undefined, all, say);
}

/** Keys of limits are made when a run is started: they see what is known then. */
function checkLimitKeys({ workflow, report }: Validation): void {
  const { concurrencyKey, rate, dedupe, debounce } = workflow.settings;
  const names: StepNames = { ids: [], has: () => false, comesBefore: () => true, names: ['input', 'workflow', 'env'] };
  const keys = { 'concurrency.key': concurrencyKey, 'rate.key': rate?.key, 'dedupe.key': dedupe?.key, 'debounce.key': debounce?.key };
  for (const [at, key] of Object.entries(keys))
    if (key !== undefined)
      checkTemplatesAt(key, `workflow.settings.${at}`, undefined, names, (path, message, severity) => report(path, message, undefined, severity));
}

function definitionOf(step: Step, path: string, definitions: ReadonlyMap<string, NodeDefinition>, report: Validation['report']): NodeDefinition | undefined {
  const definition = definitions.get(step.uses);
  if (definition?.kind === 'step') return definition;
  const known = [...definitions.values()].filter((each) => each.kind === 'step').map((each) => each.type);
  const hint = definition
    ? '; it is a trigger and belongs under triggers'
    : closestName(step.uses, known)
      ? didYouMean(step.uses, known)
      : `; the types are ${listNames(known, 20)}`;
  report(`${path}.uses`, definition ? `"${step.uses}" is no type of step${hint}` : `unknown node type "${step.uses}"${hint}`, step.id);
  return undefined;
}
