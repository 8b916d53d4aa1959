import type { Step, Workflow } from '@/core/workflow/workflow';

type Names = ReadonlyMap<string, string>;

/**
 * Renames steps in everything that names them: `steps.OLD` and `steps["OLD"]` in every text, what a step depends on, goes to on failure or is undone by,
 * in bodies too. The ids themselves stay. Returns the same reference where nothing changed.
 */
export function renameInStep(step: Step, names: Names): Step {
  const { dependsOn, onError, compensate, steps, id, uses, ...rest } = step;
  const named = (of: string): string => names.get(of) ?? of;
  const texts = renameInTexts(rest, names);
  const next: Step = {
    ...texts,
    id,
    uses,
    dependsOn: dependsOn.some((d) => names.has(d.step)) ? dependsOn.map((d) => ({ ...d, step: named(d.step) })) : dependsOn,
  };
  if (onError) next.onError = onError.kind === 'goto' && names.has(onError.step) ? { kind: 'goto', step: named(onError.step) } : renameInTexts(onError, names);
  if (compensate !== undefined) next.compensate = named(compensate);
  if (steps) next.steps = renameInSteps(steps, names) as Step[];
  const same = texts === rest && next.dependsOn === dependsOn && next.onError === onError && next.compensate === compensate && next.steps === steps;
  return same ? step : orderedLike(step, next);
}

export function renameInSteps(steps: readonly Step[], names: Names): readonly Step[] {
  const next = steps.map((step) => renameInStep(step, names));
  return next.some((step, i) => step !== steps[i]) ? next : steps;
}

/** What names steps outside of the steps: the output, and the step that answers a webhook. */
export function renameInWorkflow(workflow: Workflow, names: Names): Workflow {
  const next: Workflow = { ...workflow, steps: renameInSteps(workflow.steps, names) as Step[] };
  if (workflow.output !== undefined) next.output = renameInTexts(workflow.output, names);
  next.triggers = workflow.triggers.map((trigger) => {
    const to = trigger.type === 'webhook' && typeof trigger.with.respond === 'string' ? names.get(trigger.with.respond) : undefined;
    return to === undefined ? trigger : { ...trigger, with: { ...trigger.with, respond: to } };
  });
  return next;
}

/** Keeps the order of keys, so that the document does not change where nothing changed. */
function orderedLike(before: Step, after: Step): Step {
  return Object.fromEntries(Object.keys(before).map((key) => [key, after[key as keyof Step]])) as unknown as Step;
}

/** `steps.OLD` and `steps["OLD"]` in every text of a value. */
export function renameInTexts<T>(value: T, names: Names): T {
  if (typeof value === 'string') return renameInText(value, names) as T;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => renameInTexts(item, names));
    return items.some((item, i) => item !== value[i]) ? (items as T) : value;
  }
  let changed = false;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => {
    const next = renameInTexts(item, names);
    changed ||= next !== item;
    return [key, next];
  });
  return changed ? (Object.fromEntries(entries) as T) : value;
}

function renameInText(text: string, names: Names): string {
  if (!text.includes('steps')) return text;
  return text
    .replace(/\bsteps\.([A-Za-z_][A-Za-z0-9_]*)/g, (whole, id: string) => {
      const to = names.get(id);
      if (to === undefined) return whole;
      // in CEL, steps.load-2 would be a subtraction
      return /^\w+$/.test(to) ? `steps.${to}` : `steps["${to}"]`;
    })
    .replace(/\bsteps\[(["'])([^"'\]]+)\1\]/g, (whole, quote: string, id: string) => (names.has(id) ? `steps[${quote}${names.get(id)}${quote}]` : whole));
}
