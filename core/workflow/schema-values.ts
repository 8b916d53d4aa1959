import { Fault } from '@/core/expression/fault';
import { compilePattern, matchingWork } from '@/core/expression/functions/pattern';
import { SchemaFault } from './schema-check';
import type { Json, JsonObject } from './workflow';

/** A text that equal JSON values share. */
export function canonical(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] as Json)}`)
    .join(',')}}`;
}

/** The number a keyword holds; undefined when it is absent. */
export function limit(schema: JsonObject, keyword: string, path: readonly PropertyKey[], whole = true): number | undefined {
  const value = schema[keyword];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || (whole && (!Number.isInteger(value) || value < 0)))
    throw new SchemaFault([...path, keyword], whole ? 'wants a whole number' : 'wants a number');
  return value;
}

/** A pattern as an RE2 matcher that pays for its work; throws SchemaFault when RE2 refuses it. */
export function safePattern(pattern: Json, path: readonly PropertyKey[]): (value: string, run: { work: number }) => boolean {
  if (typeof pattern !== 'string') throw new SchemaFault(path, 'wants a regular expression');
  try {
    const compiled = compilePattern(pattern);
    return (value, run) => {
      run.work -= matchingWork(value, pattern);
      return run.work >= 0 && compiled.test(value);
    };
  } catch (error) {
    if (error instanceof Fault) throw new SchemaFault(path, error.message);
    throw error;
  }
}
