import { stepSchema, synonyms, workflowSchema } from './awl-schema';
import { formatPath, placesOf, valueAt } from './issue-message';
import { readPlain } from './read-document';
import { readYaml } from './read-yaml';
import { toWorkflow } from './to-workflow';
import type { Json, Problem, Workflow } from './workflow';

export { formatAwl } from './format-awl';
export { toAwlDocument } from './to-awl-document';

export type ParseResult = { ok: true; workflow: Workflow } | { ok: false; problems: Problem[] };

/**
 * Reads the workflow language: YAML or JSON text, or a document that is parsed already. Strict: unknown keys are problems.
 * Parsing never executes anything. What the workflow means (types, cycles, expressions) is validateWorkflow's business.
 */
export function parseAwl(source: unknown): ParseResult {
  const read = typeof source === 'string' ? readYaml(source) : readPlain(source);
  if (!read.ok) return read;
  const found = workflowOf(read.value);
  if (!found.ok) return found;
  const parsed = workflowSchema.safeParse(found.value);
  if (parsed.success) return { ok: true, workflow: toWorkflow(parsed.data) };
  const places = parsed.error.issues.flatMap((issue) => placesOf(issue, found.value, knownKeys, synonyms));
  return { ok: false, problems: places.slice(0, 100).map(({ path, message }) => toProblem(path, message, found.value)) };
}

function toProblem(path: readonly PropertyKey[], message: string, document: Json): Problem {
  const id = path[0] === 'steps' && typeof path[1] === 'number' ? valueAt(document, ['steps', path[1], 'id']) : undefined;
  return { path: formatPath('workflow', path), message, severity: 'error', ...(typeof id === 'string' && id.length <= 64 ? { step: id } : {}) };
}

type Found = { ok: true; value: Json } | { ok: false; problems: Problem[] };
const refused = (path: string, message: string): Found => ({ ok: false, problems: [{ path, message, severity: 'error' }] });
const topLevel: ReadonlySet<string> = new Set(Object.keys(workflowSchema.shape));

/** `{workflow: {name, steps, …}}`; what belongs to the workflow may also stand beside it: `{workflow: {name}, steps: […]}`. */
function workflowOf(document: Json): Found {
  if (!isObject(document)) return refused('', 'wants an object with the key `workflow`');
  const { workflow, $schema: _schema, ...beside } = document;
  if (workflow === undefined) {
    if ('steps' in beside || 'name' in beside) return refused('workflow', 'is missing; put name and steps under the key `workflow`');
    return refused('workflow', 'is missing; it wants {name, steps, …}');
  }
  if (!isObject(workflow)) return refused('workflow', 'wants an object: {name, steps, …}');
  for (const key of Object.keys(beside)) {
    if (!topLevel.has(key)) return refused(formatPath('', [key]), `unknown key "${key}"`);
    if (key in workflow) return refused(formatPath('', [key]), `stands both beside and under \`workflow\`; keep one`);
  }
  return { ok: true, value: { ...workflow, ...beside } };
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const keysAt: Record<string, readonly string[]> = {
  '': Object.keys(workflowSchema.shape),
  settings: ['timeout', 'concurrency', 'priority'],
  sla: ['maxDuration', 'successRate', 'window'],
  'steps.*': Object.keys(stepSchema.shape),
  'steps.*.retry': ['attempts', 'backoff', 'delay', 'maxDelay'],
  'steps.*.on_error': ['fallback', 'goto'],
  'layout.*': ['x', 'y'],
};

function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  const pattern = path.map((key, i) => (typeof key === 'number' || (path[0] === 'layout' && i === 1) ? '*' : String(key))).join('.');
  return keysAt[pattern] ?? [];
}
