import { closestName, didYouMean, listNames } from '@/core/expression/suggest';
import { portsOf } from '@/core/node/definition';
import { fromDependency } from './to-awl-document';
import type { Validation } from './validation';
import type { Dependency, Step } from './workflow';

/** Checks what steps depend on: the steps and ports exist, nothing is listed twice, gotos lead somewhere. */
export function checkConnections(validation: Validation): void {
  validation.steps.forEach((step, i) => {
    const seen = new Set<string>();
    step.dependsOn.forEach((dependency, d) => {
      if (validation.full()) return;
      const path = `${validation.path}[${i}].depends_on[${d}]`;
      const text = fromDependency(dependency);
      if (seen.has(text)) validation.report(path, `"${text}" is listed twice`, step.id);
      seen.add(text);
      checkDependency(step, dependency, path, validation);
    });
    if (!validation.full()) checkGoto(step, `${validation.path}[${i}].on_error.goto`, validation);
  });
}

function checkDependency(step: Step, { step: id, port }: Dependency, path: string, { steps, adjacency, definitions, report }: Validation): void {
  const index = adjacency.indexOf.get(id);
  const source = index === undefined ? undefined : steps[index];
  if (!source) return report(path, unknownStep(id, adjacency.indexOf), step.id);
  if (port === undefined) return;
  if (port === 'error') {
    const goto = source.onError?.kind === 'goto' && source.onError.step === step.id;
    if (!goto) report(path, `"${id}" never leaves by its error exit to here; give it on_error: {goto: ${step.id}}`, step.id, 'warning');
    return;
  }
  const definition = definitions.get(source.uses);
  if (!definition) return;
  const ports = portsOf(definition, source.with).map((each) => each.id);
  if (ports.includes(port)) return;
  // exits made from a setting that is a template are not known yet
  if (
    typeof definition.ports === 'function' &&
    JSON.stringify(source.with).includes('{{') &&
    Object.values(source.with).some((value) => typeof value === 'string' && value.includes('{{'))
  )
    return;
  const hint =
    ports.length === 0 ? `; a ${source.uses} step has a single exit, so write "${id}"` : didYouMean(port, ports) || `; its exits are ${listNames(ports)}`;
  report(path, `the step "${id}" has no exit "${port}"${hint}`, step.id);
}

function checkGoto(step: Step, path: string, { adjacency, report }: Validation): void {
  if (step.onError?.kind !== 'goto') return;
  const target = step.onError.step;
  if (target === step.id) return report(path, 'leads to the step itself; use retry to try again', step.id);
  if (adjacency.indexOf.has(target)) return;
  const found = unknownStep(target, adjacency.indexOf);
  report(path, `${found}; until it exists, "${step.id}" fails the run when it fails, as with on_error: fail`, step.id, 'warning');
}

function unknownStep(id: string, known: ReadonlyMap<string, number>): string {
  const ids = [...known.keys()];
  return `there is no step "${id}"${closestName(id, ids) ? didYouMean(id, ids) : ids.length > 0 ? `; the steps are ${listNames(ids)}` : ''}`;
}
