import { didYouMean } from '@/core/expression/suggest';
import type { Validation } from './validation';

/** Checks `compensate`: it names a step at the same level that has no other place in the workflow, and one step alone. */
export function checkCompensations({ steps, path, adjacency, definitions, report }: Validation): void {
  const undoneBy = new Map<string, string>();
  for (const [i, step] of steps.entries()) {
    const target = step.compensate;
    if (target === undefined) continue;
    const at = `${path}[${i}].compensate`;
    const index = adjacency.indexOf.get(target);
    const undoing = index === undefined ? undefined : steps[index];
    if (index === undefined || !undoing) {
      report(at, `there is no step "${target}" here${didYouMean(target, adjacency.indexOf.keys())}`, step.id);
      continue;
    }
    const other = undoneBy.get(target);
    undoneBy.set(target, step.id);
    if (target === step.id) report(at, 'is the step itself', step.id);
    else if (other !== undefined) report(at, `"${target}" already undoes "${other}"; each step wants one of its own`, step.id);
    else if ((adjacency.incoming[index]?.length ?? 0) > 0 || (adjacency.outgoing[index]?.length ?? 0) > 0)
      report(at, `"${target}" only runs to undo "${step.id}", so it depends on nothing and nothing depends on it`, step.id);
    else if (undoing.compensate !== undefined) report(at, `"${target}" undoes a step and cannot be undone itself`, step.id);
    else if (definitions.get(undoing.uses)?.container) report(at, `"${target}" is a loop; undo with a single step`, step.id);
  }
}
