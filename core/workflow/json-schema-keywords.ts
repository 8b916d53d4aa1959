import { combinations } from './json-schema-combinations';
import { matchesFormat } from './json-schema-formats';
import { listKeywords } from './json-schema-lists';
import { objectKeywords } from './json-schema-objects';
import { fail, type SchemaCheck, type SchemaContext, SchemaFault } from './schema-check';
import { canonical, limit, safePattern } from './schema-values';
import type { Json, JsonObject } from './workflow';

/** Keywords that are understood, or harmless because they only describe. */
export const knownKeywords: ReadonlySet<string> = new Set(
  `$schema $id $comment $ref $defs definitions $anchor title description default examples deprecated readOnly writeOnly contentEncoding contentMediaType contentSchema
   type enum const minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern format properties patternProperties additionalProperties
   propertyNames required minProperties maxProperties dependentRequired dependentSchemas dependencies items prefixItems additionalItems contains minContains maxContains
   minItems maxItems uniqueItems allOf anyOf oneOf not if then else order widget placeholder`.split(/\s+/),
);

const typeWords: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

/** The checks of one schema object, one a keyword that is there. */
export function compileKeywords(schema: JsonObject, path: readonly PropertyKey[], context: SchemaContext): SchemaCheck[] {
  const checks: (SchemaCheck | undefined)[] = [
    typeCheck(schema.type, path),
    enumCheck(schema.enum, path),
    'const' in schema ? constCheck(schema.const as Json) : undefined,
    ...numberChecks(schema, path),
    ...textChecks(schema, path),
    ...objectKeywords(schema, path, context),
    ...listKeywords(schema, path, context),
    ...combinations(schema, path, context),
  ];
  return checks.filter((each): each is SchemaCheck => each !== undefined);
}

function typeOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

/** The value as messages show it. */
function shown(value: Json): string {
  if (typeof value === 'string') return value.length <= 40 ? `the text ${JSON.stringify(value)}` : 'a text';
  if (typeof value === 'object' && value !== null) return typeWords[typeOf(value)] ?? 'an object';
  return String(value);
}

function typeCheck(type: Json | undefined, path: readonly PropertyKey[]): SchemaCheck | undefined {
  if (type === undefined) return undefined;
  const types = (Array.isArray(type) ? type : [type]).map((each) => {
    if (typeof each === 'string' && each in typeWords) return each;
    throw new SchemaFault([...path, 'type'], 'wants string, number, integer, boolean, object, array or null');
  });
  const words = types.map((each) => typeWords[each]).join(' or ');
  const accepts = new Set(types);
  return (value, at, run) => {
    const actual = typeOf(value);
    if (accepts.has(actual) || (actual === 'number' && accepts.has('integer') && Number.isInteger(value))) return true;
    return fail(run, at, `wants ${words}, this is ${shown(value)}`);
  };
}

function enumCheck(options: Json | undefined, path: readonly PropertyKey[]): SchemaCheck | undefined {
  if (options === undefined) return undefined;
  if (!Array.isArray(options)) throw new SchemaFault([...path, 'enum'], 'wants a list of values');
  const allowed = new Set(options.map(canonical));
  const words = options
    .slice(0, 12)
    .map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
    .join(', ');
  return (value, at, run) =>
    allowed.has(canonical(value)) || fail(run, at, `wants one of ${words}${options.length > 12 ? ', …' : ''}, this is ${shown(value)}`);
}

function constCheck(constant: Json): SchemaCheck {
  const wanted = canonical(constant);
  return (value, at, run) => canonical(value) === wanted || fail(run, at, `wants ${wanted.slice(0, 60)}, this is ${shown(value)}`);
}

function numberChecks(schema: JsonObject, path: readonly PropertyKey[]): SchemaCheck[] {
  const checks: SchemaCheck[] = [];
  const add = (keyword: string, fits: (value: number, bound: number) => boolean, words: string): void => {
    const bound = limit(schema, keyword, path, false);
    if (bound !== undefined)
      checks.push((value, at, run) => typeof value !== 'number' || fits(value, bound) || fail(run, at, `wants ${words} ${bound}, this is ${value}`));
  };
  add('minimum', (value, bound) => value >= bound, 'at least');
  add('maximum', (value, bound) => value <= bound, 'at most');
  add('exclusiveMinimum', (value, bound) => value > bound, 'more than');
  add('exclusiveMaximum', (value, bound) => value < bound, 'less than');
  const step = limit(schema, 'multipleOf', path, false);
  if (step !== undefined && step <= 0) throw new SchemaFault([...path, 'multipleOf'], 'wants a number above 0');
  add('multipleOf', isMultiple, 'a multiple of');
  return checks;
}

/** By the decimal reading, so that 0.3 is a multiple of 0.1: both as whole numbers of the same power of ten. */
function isMultiple(value: number, step: number): boolean {
  if (value % step === 0) return true;
  if (Number.isInteger(value) && Number.isInteger(step)) return false;
  const [a, b] = [decimal(value), decimal(step)];
  const exponent = Math.min(a.exponent, b.exponent);
  return (a.digits * 10n ** BigInt(a.exponent - exponent)) % (b.digits * 10n ** BigInt(b.exponent - exponent)) === 0n;
}

function decimal(value: number): { digits: bigint; exponent: number } {
  const [mantissa = '0', power = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}

function textChecks(schema: JsonObject, path: readonly PropertyKey[]): SchemaCheck[] {
  const checks: SchemaCheck[] = [];
  const min = limit(schema, 'minLength', path);
  const max = limit(schema, 'maxLength', path);
  const { pattern, format } = schema;
  if (min !== undefined)
    checks.push(
      (value, at, run) =>
        typeof value !== 'string' ||
        value.length >= min * 2 ||
        characters(value) >= min ||
        fail(run, at, min === 1 ? 'must not be empty' : `wants at least ${min} characters`),
    );
  if (max !== undefined)
    checks.push(
      (value, at, run) => typeof value !== 'string' || value.length <= max || characters(value) <= max || fail(run, at, `wants at most ${max} characters`),
    );
  if (pattern !== undefined) {
    const matches = safePattern(pattern, [...path, 'pattern']);
    checks.push((value, at, run) => typeof value !== 'string' || matches(value, run) || fail(run, at, `does not match the pattern ${String(pattern)}`));
  }
  if (format !== undefined) {
    if (typeof format !== 'string') throw new SchemaFault([...path, 'format'], 'wants the name of a format');
    checks.push((value, at, run) => typeof value !== 'string' || matchesFormat(value, format) || fail(run, at, `is not a valid ${format}`));
  }
  return checks;
}

function characters(value: string): number {
  let count = 0;
  for (const _ of value) count++;
  return count;
}
