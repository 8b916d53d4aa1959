import type { Place } from './issue-message';
import { compileKeywords, knownKeywords } from './json-schema-keywords';
import { type CheckRun, fail, isObject, maxFaults, type SchemaCheck, type SchemaContext, SchemaFault } from './schema-check';
import type { Json, JsonObject } from './workflow';

const maxWork = 1_000_000;
const compiled = new WeakMap<JsonObject, SchemaCheck>();

/**
 * Checks a value against a JSON Schema (2020-12; draft 7's `definitions`, list-`items` and `dependencies` too). Patterns run on RE2, so no pattern
 * is slow. Throws SchemaFault when the schema itself cannot be used.
 */
export function checkAgainst(schema: JsonObject, value: Json): Place[] {
  let check = compiled.get(schema);
  if (!check) {
    check = compileSchema(schema);
    compiled.set(schema, check);
  }
  const run: CheckRun = { out: [], work: maxWork, depth: 0 };
  check(value, [], run);
  if (run.work < 0) return [{ path: [], message: 'takes too long to check against the schema' }];
  return (run.out ?? []).slice(0, maxFaults);
}

/** What is wrong with a schema itself. */
export function checkSchema(schema: JsonObject): Place[] {
  try {
    compileSchema(schema);
    return [];
  } catch (error) {
    if (error instanceof SchemaFault) return [{ path: [...error.path], message: error.message }];
    throw error;
  }
}

function compileSchema(root: JsonObject): SchemaCheck {
  const context: SchemaContext = { root, references: new Map(), compile: (schema, path) => compileAt(schema, path, context) };
  const check = compileAt(root, [], context);
  for (const key of ['$defs', 'definitions']) {
    const definitions = root[key];
    if (isObject(definitions)) for (const [name, each] of Object.entries(definitions)) compileAt(each, [key, name], context);
  }
  return check;
}

function compileAt(schema: Json, path: readonly PropertyKey[], context: SchemaContext): SchemaCheck {
  if (schema === true) return () => true;
  if (schema === false) return (_value, at, run) => fail(run, at, 'is not allowed here');
  if (!isObject(schema)) throw new SchemaFault(path, 'wants a schema: an object, true or false');
  if (path.length > 200) throw new SchemaFault(path, 'is nested too deeply');
  for (const keyword of Object.keys(schema)) {
    if (!knownKeywords.has(keyword) && !keyword.startsWith('x-')) throw new SchemaFault([...path, keyword], `unknown or unsupported keyword "${keyword}"`);
  }
  const checks = compileKeywords(schema, path, context);
  return (value, at, run) => {
    if (--run.work < 0 || run.depth > 200) return false;
    run.depth++;
    let fits = true;
    for (const check of checks) if (!check(value, at, run)) fits = false;
    run.depth--;
    return fits;
  };
}
