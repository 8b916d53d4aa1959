import { closestName } from '@/core/expression/suggest';
import { fail, isObject, type SchemaCheck, type SchemaContext, SchemaFault } from './schema-check';
import { limit, safePattern } from './schema-values';
import type { Json, JsonObject } from './workflow';

/** The checks of the keywords for objects. */
export function objectKeywords(schema: JsonObject, path: readonly PropertyKey[], context: SchemaContext): (SchemaCheck | undefined)[] {
  return [
    requiredCheck(schema, path),
    propertiesCheck(schema, path, context),
    ...sizeChecks(schema, path),
    namesCheck(schema, path, context),
    ...dependentChecks(schema, path, context),
  ];
}

function names(value: Json | undefined, path: readonly PropertyKey[]): string[] {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value as string[];
  throw new SchemaFault(path, 'wants a list of names');
}

function requiredCheck(schema: JsonObject, path: readonly PropertyKey[]): SchemaCheck | undefined {
  if (schema.required === undefined) return undefined;
  const required = names(schema.required, [...path, 'required']);
  return (value, at, run) => {
    if (!isObject(value)) return true;
    let fits = true;
    for (const name of required) if (!Object.hasOwn(value, name)) fits = fail(run, [...at, name], 'is missing');
    return fits;
  };
}

/** An object of schemas, compiled. */
function schemaMap(schema: JsonObject, keyword: string, path: readonly PropertyKey[], context: SchemaContext): Map<string, SchemaCheck> {
  const value = schema[keyword];
  if (value === undefined) return new Map();
  if (!isObject(value)) throw new SchemaFault([...path, keyword], 'wants an object of schemas');
  return new Map(Object.entries(value).map(([name, each]) => [name, context.compile(each, [...path, keyword, name])]));
}

function propertiesCheck(schema: JsonObject, path: readonly PropertyKey[], context: SchemaContext): SchemaCheck | undefined {
  const properties = schemaMap(schema, 'properties', path, context);
  const patterns = [...schemaMap(schema, 'patternProperties', path, context)].map(([pattern, check]) => ({
    matches: safePattern(pattern, [...path, 'patternProperties', pattern]),
    check,
  }));
  const { additionalProperties } = schema;
  const additional =
    additionalProperties === undefined || additionalProperties === true
      ? undefined
      : additionalProperties === false
        ? false
        : context.compile(additionalProperties, [...path, 'additionalProperties']);
  if (properties.size === 0 && patterns.length === 0 && additional === undefined) return undefined;
  return (value, at, run) => {
    if (!isObject(value)) return true;
    let fits = true;
    for (const [name, each] of Object.entries(value)) {
      const check = properties.get(name);
      let known = check !== undefined;
      const place = [...at, name];
      if (check && !check(each, place, run)) fits = false;
      for (const { matches, check: pattern } of patterns) {
        if (!matches(name, run)) continue;
        known = true;
        if (!pattern(each, place, run)) fits = false;
      }
      if (known || additional === undefined) continue;
      if (additional === false) {
        const guess = closestName(name, properties.keys());
        fits = fail(run, place, guess === undefined ? 'is not a known property' : `is not a known property; did you mean "${guess}"?`);
      } else if (!additional(each, place, run)) fits = false;
    }
    return fits;
  };
}

function sizeChecks(schema: JsonObject, path: readonly PropertyKey[]): (SchemaCheck | undefined)[] {
  const min = limit(schema, 'minProperties', path);
  const max = limit(schema, 'maxProperties', path);
  return [
    min === undefined
      ? undefined
      : (value, at, run) => !isObject(value) || Object.keys(value).length >= min || fail(run, at, `wants at least ${min} properties`),
    max === undefined
      ? undefined
      : (value, at, run) => !isObject(value) || Object.keys(value).length <= max || fail(run, at, `wants at most ${max} properties`),
  ];
}

function namesCheck(schema: JsonObject, path: readonly PropertyKey[], context: SchemaContext): SchemaCheck | undefined {
  if (schema.propertyNames === undefined) return undefined;
  const check = context.compile(schema.propertyNames, [...path, 'propertyNames']);
  return (value, at, run) => !isObject(value) || Object.keys(value).reduce((fits, name) => check(name, [...at, name], run) && fits, true);
}

/** `dependentRequired`, `dependentSchemas` and draft 7's `dependencies`, which is either. */
function dependentChecks(schema: JsonObject, path: readonly PropertyKey[], context: SchemaContext): SchemaCheck[] {
  const checks: SchemaCheck[] = [];
  for (const keyword of ['dependentRequired', 'dependentSchemas', 'dependencies']) {
    const value = schema[keyword];
    if (value === undefined) continue;
    if (!isObject(value)) throw new SchemaFault([...path, keyword], 'wants an object');
    for (const [name, each] of Object.entries(value)) {
      const place = [...path, keyword, name];
      if (Array.isArray(each) && keyword !== 'dependentSchemas') {
        const required = names(each, place);
        checks.push((object, at, run) => {
          if (!isObject(object) || !Object.hasOwn(object, name)) return true;
          const absent = required.filter((other) => !Object.hasOwn(object, other));
          for (const other of absent) fail(run, [...at, other], `is missing; it is wanted together with ${name}`);
          return absent.length === 0;
        });
      } else {
        const check = context.compile(each, place);
        checks.push((object, at, run) => !isObject(object) || !Object.hasOwn(object, name) || check(object, at, run));
      }
    }
  }
  return checks;
}
