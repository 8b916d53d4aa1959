import { celTypes } from '@/core/expression/cel-values';
import type { Reference } from '@/core/expression/compilation';
import { compileExpression } from '@/core/expression/expression';
import { ExpressionError } from '@/core/expression/expression-error';
import { closestName, didYouMean, listNames } from '@/core/expression/suggest';
import { compileTemplate } from '@/core/expression/template';
import type { NodeDefinition } from '@/core/node/definition';
import { formatPath } from './issue-message';
import { type SettingKind, settingKinds } from './settings-paths';
import type { Json, Problem } from './workflow';

const fixedFields: Record<string, readonly string[]> = { run: ['id', 'attempt', 'startedAt', 'callbackUrl'], workflow: ['name', 'version'] };
const stepFields = ['output', 'status', 'error'];

/** What is known of the steps an expression may name. */
export interface StepNames {
  has(id: string): boolean;
  ids: readonly string[];
  /** whether the step has settled by the time the expression is evaluated */
  comesBefore(id: string): boolean;
  /** the other names in reach: `input`, `data`, in loops `item` */
  names: readonly string[];
}

type Report = (path: string, message: string, severity?: Problem['severity']) => void;

/** Checks one CEL expression at `path`. */
export function checkExpressionAt(source: string, path: string, steps: StepNames, report: Report): void {
  try {
    checkReferences(compileExpression(source).references, path, steps, report);
  } catch (error) {
    reportError(error, path, report);
  }
}

/** Checks every expression of a step's `with`, or of any template when no definition is given. */
export function checkTemplatesAt(value: Json, path: string, definition: NodeDefinition | undefined, steps: StepNames, report: Report): void {
  const kindOf = definition ? settingKinds(definition) : (): SettingKind => 'template';
  const visit = (each: Json, at: PropertyKey[]): void => {
    const kind = kindOf(at);
    if (kind === 'verbatim') return;
    if (typeof each === 'string') {
      const place = formatPath(path, at);
      if (kind === 'expression') checkExpressionAt(each, place, steps, report);
      else if (each.includes('{{')) checkTemplate(each, place, steps, report);
    } else if (Array.isArray(each)) for (const [i, item] of each.entries()) visit(item, [...at, i]);
    else if (each !== null && typeof each === 'object') for (const [key, inner] of Object.entries(each)) visit(inner, [...at, key]);
  };
  visit(value, []);
}

function checkTemplate(text: string, path: string, steps: StepNames, report: Report): void {
  try {
    checkReferences(compileTemplate(text).references, path, steps, report);
  } catch (error) {
    reportError(error, path, report);
  }
}

function reportError(error: unknown, path: string, report: Report): void {
  if (!(error instanceof ExpressionError)) throw error;
  report(path, error.message);
}

function checkReferences(references: readonly Reference[], path: string, steps: StepNames, report: Report): void {
  const said = new Set<string>();
  const most = 5;
  const once: Report = (at, message, severity) => {
    if (said.has(message)) return;
    said.add(message);
    report(at, message, severity);
  };
  for (const reference of references) if (said.size < most) checkReference(reference, path, steps, once);
}

function checkReference({ root, path: chain }: Reference, path: string, steps: StepNames, report: Report): void {
  if (root === 'steps') return checkStepReference(chain, path, steps, report);
  const fields = fixedFields[root];
  const [first] = chain;
  if (fields) {
    if (first !== undefined && !fields.includes(first))
      report(path, `there is no ${root}.${first}${didYouMean(first, fields)}${closestName(first, fields) ? '' : `; ${root} has ${fields.join(', ')}`}`);
    return;
  }
  if (steps.names.includes(root) || celTypes.has(root)) return;
  if (steps.has(root)) return report(path, `unknown name "${root}"; the output of that step is steps${member(root)}.output`);
  report(path, `unknown name "${root}"${didYouMean(root, steps.names) || ` (texts are written in quotes); names in reach: ${steps.names.join(', ')}`}`);
}

function checkStepReference([id, field]: readonly string[], path: string, steps: StepNames, report: Report): void {
  if (id === undefined) return;
  if (!steps.has(id)) {
    const cut = steps.ids.find((each) => each.startsWith(`${id}-`));
    if (cut) return report(path, `there is no step "${id}"; the id of a step with a - is written in brackets: steps["${cut}"]`);
    return report(path, `there is no step "${id}"${didYouMean(id, steps.ids) || `; the steps are ${listNames(steps.ids)}`}`);
  }
  if (field !== undefined && !stepFields.includes(field)) {
    return report(path, `steps${member(id)} has output, status and error, no "${field}"; did you mean steps${member(id)}.output.${field}?`);
  }
  if (!steps.comesBefore(id)) report(path, `the step "${id}" may not have run yet when this is evaluated; depend on it`, 'warning');
}

function member(id: string): string {
  return /^[A-Za-z_]\w*$/.test(id) ? `.${id}` : `[${JSON.stringify(id)}]`;
}
