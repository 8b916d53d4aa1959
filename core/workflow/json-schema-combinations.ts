import type { Place } from './issue-message';
import { type CheckRun, fail, isObject, type SchemaCheck, type SchemaContext, SchemaFault } from './schema-check';
import type { Json, JsonObject } from './workflow';

/** `$ref`, `allOf`, `anyOf`, `oneOf`, `not` and `if`. */
export function combinations(schema: JsonObject, path: readonly PropertyKey[], context: SchemaContext): (SchemaCheck | undefined)[] {
  return [
    referenceCheck(schema.$ref, path, context),
    ...allOf(schema, path, context),
    choice(schema, 'anyOf', path, context),
    choice(schema, 'oneOf', path, context),
    notCheck(schema, path, context),
    ifCheck(schema, path, context),
  ];
}

function schemas(schema: JsonObject, keyword: string, path: readonly PropertyKey[], context: SchemaContext): SchemaCheck[] {
  const value = schema[keyword];
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length === 0) throw new SchemaFault([...path, keyword], 'wants a list of schemas');
  return value.map((each, i) => context.compile(each, [...path, keyword, i]));
}

function allOf(schema: JsonObject, path: readonly PropertyKey[], context: SchemaContext): SchemaCheck[] {
  return schemas(schema, 'allOf', path, context);
}

/** Whether the value fits, without noting anything. */
function fits(check: SchemaCheck, value: Json, at: readonly PropertyKey[], run: CheckRun): boolean {
  const { out } = run;
  run.out = undefined;
  const result = check(value, at, run);
  run.out = out;
  return result;
}

/** Of the branches that do not fit, the faults of the one that comes nearest are what a person wants to read. */
function choice(schema: JsonObject, keyword: 'anyOf' | 'oneOf', path: readonly PropertyKey[], context: SchemaContext): SchemaCheck | undefined {
  const branches = schemas(schema, keyword, path, context);
  if (branches.length === 0) return undefined;
  return (value, at, run) => {
    const fitting =
      keyword === 'anyOf' ? branches.findIndex((each) => fits(each, value, at, run)) : branches.filter((each) => fits(each, value, at, run)).length;
    if (keyword === 'anyOf' ? fitting >= 0 : fitting === 1) return true;
    if (keyword === 'oneOf' && fitting > 1) return fail(run, at, 'fits more than one of the alternatives, and must fit exactly one');
    if (run.out) for (const place of nearest(branches, value, at, run)) fail(run, place.path, place.message);
    return false;
  };
}

function nearest(branches: SchemaCheck[], value: Json, at: readonly PropertyKey[], run: CheckRun): Place[] {
  const { out } = run;
  const attempts = branches.map((each) => {
    run.out = [];
    each(value, at, run);
    return run.out;
  });
  run.out = out;
  const inside = attempts.filter((places) => places.length > 0 && places.every((place) => place.path.length > at.length));
  const [best] = inside.sort((a, b) => a.length - b.length);
  if (best) return best;
  const words = [
    ...new Set(
      attempts.flatMap((places) => places.filter((place) => place.path.length === at.length).map((place) => place.message.replace(/, this is .*/, ''))),
    ),
  ];
  return [{ path: [...at], message: words.length > 0 && words.length <= 4 ? words.join(', or ') : 'fits none of the alternatives' }];
}

function notCheck(schema: JsonObject, path: readonly PropertyKey[], context: SchemaContext): SchemaCheck | undefined {
  if (schema.not === undefined) return undefined;
  const check = context.compile(schema.not, [...path, 'not']);
  return (value, at, run) => !fits(check, value, at, run) || fail(run, at, 'is what the schema excludes');
}

function ifCheck(schema: JsonObject, path: readonly PropertyKey[], context: SchemaContext): SchemaCheck | undefined {
  if (schema.if === undefined) return undefined;
  const condition = context.compile(schema.if, [...path, 'if']);
  const then = schema.then === undefined ? undefined : context.compile(schema.then, [...path, 'then']);
  const otherwise = schema.else === undefined ? undefined : context.compile(schema.else, [...path, 'else']);
  return (value, at, run) => {
    const branch = fits(condition, value, at, run) ? then : otherwise;
    return branch === undefined || branch(value, at, run);
  };
}

/** Local references only: `#`, `#/$defs/name` and other pointers into the same document. */
function referenceCheck(reference: Json | undefined, path: readonly PropertyKey[], context: SchemaContext): SchemaCheck | undefined {
  if (reference === undefined) return undefined;
  const place = [...path, '$ref'];
  if (typeof reference !== 'string' || !(reference === '#' || reference.startsWith('#/')))
    throw new SchemaFault(place, 'wants a reference into the same schema, such as #/$defs/name');
  if (!context.references.has(reference)) {
    context.references.set(reference, undefined);
    const keys = reference === '#' ? [] : reference.slice(2).split('/').map(unescapePointer);
    context.references.set(reference, context.compile(resolve(context.root, keys, reference, place), keys));
  }
  return (value, at, run) => context.references.get(reference)?.(value, at, run) ?? true;
}

function unescapePointer(part: string): string {
  let decoded = part;
  try {
    decoded = decodeURIComponent(part);
  } catch {
    // a stray % is taken as it is
  }
  return decoded.replaceAll('~1', '/').replaceAll('~0', '~');
}

function resolve(root: JsonObject, keys: string[], reference: string, place: readonly PropertyKey[]): Json {
  let at: Json = root;
  for (const key of keys) {
    const next: Json | undefined = Array.isArray(at) ? at[Number(key)] : isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
    if (next === undefined) throw new SchemaFault(place, `leads nowhere: there is no ${reference}`);
    at = next;
  }
  return at;
}
