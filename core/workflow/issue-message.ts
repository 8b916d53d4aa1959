import type { z } from 'zod';
import { closestName } from '@/core/expression/suggest';

export type Issue = z.core.$ZodIssue;

const typeWords: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
  undefined: 'nothing',
  nan: 'no number',
  date: 'a date',
  bigint: 'a number',
};
const word = (type: string): string => typeWords[type] ?? type;

/** Where an issue lies and what it says, in the words of the rest of Heddle. */
export interface Place {
  path: PropertyKey[];
  message: string;
}

/**
 * The places of a zod issue: one for each unknown key; of a union the branch that fits the shape of the value.
 * `value` is what was checked, `known` the keys that a path may have, for "did you mean".
 */
export function placesOf(
  issue: Issue,
  value: unknown,
  known: (path: readonly PropertyKey[]) => Iterable<string>,
  aliases?: ReadonlyMap<string, string>,
): Place[] {
  if (issue.code === 'unrecognized_keys') {
    const keys = [...known(issue.path)];
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: unknownKey(key, keys, aliases) }));
  }
  if (issue.code === 'invalid_union') {
    const branch = fittingBranch(issue.errors);
    if (branch) return branch.flatMap((inner) => placesOf({ ...inner, path: [...issue.path, ...inner.path] } as Issue, value, known, aliases));
  }
  const found = valueAt(value, issue.path);
  if (found === undefined && issue.code !== 'custom') return [{ path: issue.path, message: missing(issue) }];
  return [{ path: issue.path, message: friendly(issue, found) }];
}

/** The one branch of a union whose complaint is about something inside the value, or about more than its type. */
function fittingBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const inside = branches.filter(
    (issues) => issues.length > 0 && !issues.some((each) => each.path.length === 0 && (each.code === 'invalid_type' || each.code === 'invalid_value')),
  );
  return inside.length === 1 ? inside[0] : undefined;
}

function unknownKey(key: string, known: string[], aliases: ReadonlyMap<string, string> | undefined): string {
  const alias = aliases?.get(key);
  const guess = alias !== undefined && known.includes(alias) ? alias : closestName(key, known);
  if (guess !== undefined) return `unknown key "${key}"; did you mean "${guess}"?`;
  return known.length > 0 ? `unknown key "${key}"; the keys here are ${known.join(', ')}` : `unknown key "${key}"`;
}

function missing(issue: Issue): string {
  const wants =
    /^wants .*/.exec(issue.message)?.[0] ?? (issue.code === 'invalid_type' && issue.expected !== 'nonoptional' ? `wants ${word(issue.expected)}` : undefined);
  return wants === undefined ? 'is missing' : `is missing; ${wants}`;
}

function friendly(issue: Issue, found: unknown): string {
  if (!/^(?:Invalid|Too|Unrecognized)/.test(issue.message))
    return issue.code === 'invalid_type' ? `${issue.message}, this is ${describe(found)}` : issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `wants ${word(issue.expected)}, this is ${describe(found)}`;
    case 'invalid_value':
      return issue.values.length === 1 ? `wants ${JSON.stringify(issue.values[0])}` : `wants one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string'
        ? Number(issue.minimum) === 1
          ? 'must not be empty'
          : `wants at least ${issue.minimum} characters`
        : issue.origin === 'array'
          ? `wants at least ${issue.minimum} items`
          : `wants ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `wants at most ${issue.maximum} characters`
        : issue.origin === 'array'
          ? `wants at most ${issue.maximum} items`
          : `wants ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'invalid_format':
      return `wants ${issue.format === 'url' ? 'a URL' : issue.format === 'email' ? 'an e-mail address' : `the format ${issue.format}`}`;
    default:
      return issue.message === 'Invalid input' ? `does not fit, this is ${describe(found)}` : issue.message;
  }
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return value.length > 40 ? 'a text' : `the text ${JSON.stringify(value)}`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return word(typeof value);
}

/** The value at a path; undefined where there is none. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

/** `["steps", 2, "with", "x y"]` under `workflow` as `workflow.steps[2].with["x y"]`. */
export function formatPath(base: string, path: readonly PropertyKey[]): string {
  let result = base;
  for (const key of path) {
    if (typeof key === 'number') result += `[${key}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(String(key))) result += `${result && '.'}${String(key)}`;
    else result += `[${JSON.stringify(String(key).slice(0, 100))}]`;
  }
  return result;
}
