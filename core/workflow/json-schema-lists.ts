import { type CheckRun, fail, type SchemaCheck, type SchemaContext } from './schema-check';
import { canonical, limit } from './schema-values';
import type { Json, JsonObject } from './workflow';

/** The checks of the keywords for lists. */
export function listKeywords(schema: JsonObject, path: readonly PropertyKey[], context: SchemaContext): (SchemaCheck | undefined)[] {
  const min = limit(schema, 'minItems', path);
  const max = limit(schema, 'maxItems', path);
  return [
    min === undefined
      ? undefined
      : (value, at, run) => !Array.isArray(value) || value.length >= min || fail(run, at, min === 1 ? 'must not be empty' : `wants at least ${min} items`),
    max === undefined ? undefined : (value, at, run) => !Array.isArray(value) || value.length <= max || fail(run, at, `wants at most ${max} items`),
    schema.uniqueItems === true ? unique : undefined,
    itemsCheck(schema, path, context),
    containsCheck(schema, path, context),
  ];
}

function unique(value: Json, at: readonly PropertyKey[], run: CheckRun): boolean {
  if (!Array.isArray(value)) return true;
  const seen = new Map<string, number>();
  for (let i = 0; i < value.length; i++) {
    if (--run.work < 0) return false;
    const key = canonical(value[i] as Json);
    const first = seen.get(key);
    if (first !== undefined) return fail(run, [...at, i], `is the same as item ${first}; the items must differ`);
    seen.set(key, i);
  }
  return true;
}

/** `prefixItems` with `items` for the rest; draft 7's `items` list with `additionalItems`. */
function itemsCheck(schema: JsonObject, path: readonly PropertyKey[], context: SchemaContext): SchemaCheck | undefined {
  const old = Array.isArray(schema.items);
  const firstKey = old ? 'items' : 'prefixItems';
  const restKey = old ? 'additionalItems' : 'items';
  const listed = schema[firstKey];
  const first = Array.isArray(listed) ? listed.map((each, i) => context.compile(each, [...path, firstKey, i])) : [];
  const rest = schema[restKey] === undefined ? undefined : context.compile(schema[restKey] as Json, [...path, restKey]);
  if (first.length === 0 && rest === undefined) return undefined;
  return (value, at, run) => {
    if (!Array.isArray(value)) return true;
    let fits = true;
    for (let i = 0; i < value.length; i++) {
      const check = first[i] ?? rest;
      if (check && !check(value[i] as Json, [...at, i], run)) fits = false;
      if (run.work < 0) return false;
    }
    return fits;
  };
}

function containsCheck(schema: JsonObject, path: readonly PropertyKey[], context: SchemaContext): SchemaCheck | undefined {
  if (schema.contains === undefined) return undefined;
  const check = context.compile(schema.contains, [...path, 'contains']);
  const min = limit(schema, 'minContains', path) ?? 1;
  const max = limit(schema, 'maxContains', path) ?? Number.POSITIVE_INFINITY;
  return (value, at, run) => {
    if (!Array.isArray(value)) return true;
    const { out } = run;
    run.out = undefined;
    const count = value.filter((item, i) => check(item, [...at, i], run)).length;
    run.out = out;
    return (
      (count >= min && count <= max) || fail(run, at, count < min ? `lacks an item that the schema wants it to contain` : 'contains too many items of one kind')
    );
  };
}
