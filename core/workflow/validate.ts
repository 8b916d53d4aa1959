import { closestName, didYouMean, listNames } from '@/core/expression/suggest';
import type { NodeDefinition } from '@/core/node/definition';
import { slugPattern, stepIdPattern, workflowLimits } from './awl-schema';
import { checkConnections } from './check-connections';
import { checkExpressionAt, checkTemplatesAt, type StepNames } from './check-expressions';
import { checkSettings } from './check-settings';
import { checkEventFilter } from './event-filter';
import { adjacencyOf, ancestorsOf, cyclesOf } from './graph';
import { formatPath } from './issue-message';
import { checkSchema } from './json-schema';
import type { Validation } from './validation';
import type { Problem, Step, Workflow } from './workflow';

const maxProblems = 200;

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
  if (workflow.steps.length > workflowLimits.steps) {
    report('workflow.steps', `has ${workflow.steps.length.toLocaleString('en-US')} steps; at most ${workflowLimits.steps.toLocaleString('en-US')} are allowed`);
    return problems;
  }
  const validation: Validation = { workflow, definitions, adjacency: adjacencyOf(workflow), report, full: () => problems.length >= maxProblems };
  checkIds(validation);
  checkTriggers(validation);
  checkConnections(validation);
  const cyclic = checkCycles(validation);
  checkSteps(validation, cyclic);
  if (workflow.input) for (const { path, message } of checkSchema(workflow.input)) report(formatPath('workflow.input', path), message);
  return problems;
}

function checkIds({ workflow, report }: Validation): void {
  const seen = new Map<string, number>();
  workflow.steps.forEach((step, i) => {
    if (!stepIdPattern.test(step.id)) report(`workflow.steps[${i}].id`, 'wants an id of letters, digits, - and _ that starts with a letter', step.id);
    const first = seen.get(step.id);
    if (first === undefined) seen.set(step.id, i);
    else report(`workflow.steps[${i}].id`, `the id "${step.id}" is also that of workflow.steps[${first}]`, step.id);
  });
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

/** Names each cycle; whether there was one. */
function checkCycles({ workflow, adjacency, report }: Validation): boolean {
  const cycles = cyclesOf(adjacency);
  for (const cycle of cycles) {
    const ids = cycle.map((i) => workflow.steps[i]?.id ?? '');
    const shown = ids.length > 12 ? [...ids.slice(0, 6), '…', ...ids.slice(-5)] : ids;
    const [first] = cycle;
    const name = ids.length === 1 ? `the step "${ids[0]}" depends on itself` : `these steps wait for each other: ${[...shown, ids[0]].join(' → ')}`;
    report(`workflow.steps[${first}].depends_on`, name, ids[0]);
  }
  return cycles.length > 0;
}

function checkSteps(validation: Validation, cyclic: boolean): void {
  const { workflow, definitions, adjacency, report } = validation;
  const ids = [...adjacency.indexOf.keys()];
  let isAncestor: ReturnType<typeof ancestorsOf> | undefined;
  const namesFor = (at: number | undefined): StepNames => ({
    ids,
    has: (id) => adjacency.indexOf.has(id),
    comesBefore: (id) => {
      if (at === undefined || cyclic) return true;
      isAncestor ??= ancestorsOf(adjacency);
      return isAncestor(at, adjacency.indexOf.get(id) ?? 0);
    },
  });
  workflow.steps.forEach((step, i) => {
    if (validation.full()) return;
    const path = `workflow.steps[${i}]`;
    const say = (at: string, message: string, severity?: Problem['severity']): void => report(at, message, step.id, severity);
    const definition = definitionOf(step, path, definitions, report);
    const names = namesFor(i);
    if (step.condition !== undefined) checkExpressionAt(step.condition, `${path}.condition`, names, say);
    if (definition) {
      checkTemplatesAt(step.with, `${path}.with`, definition, names, say);
      for (const { path: at, message } of checkSettings(definition, step.with)) say(formatPath(`${path}.with`, at), message);
    }
    if (step.onError?.kind === 'fallback') checkNoTemplate(step.onError.value, `${path}.on_error.fallback`, say);
  });
  if (workflow.output !== undefined)
    checkTemplatesAt(workflow.output, 'workflow.output', undefined, namesFor(undefined), (at, message, severity) => report(at, message, undefined, severity));
}

/** A fallback is a plain value. */
function checkNoTemplate(value: unknown, path: string, say: (path: string, message: string, severity: Problem['severity']) => void): void {
  if (typeof value === 'string' && value.includes('{{')) say(path, 'is used as it is; expressions in it are not evaluated', 'warning');
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
