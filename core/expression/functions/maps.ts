import { assertSafeKey, describeType, isMap } from '../cel-values';
import { Fault } from '../fault';
import { cappedList, spend } from '../limits';
import { isKey } from '../operators';
import { list, map, text } from './expect';
import { define, type FunctionSpec } from './function-spec';

/** A copy made key by key, so that no prototype can slip in. */
function assign(target: Record<string, unknown>, source: Record<string, unknown>): void {
  const keys = Object.keys(source);
  spend(keys.length);
  for (const key of keys) {
    assertSafeKey(key);
    target[key] = source[key];
  }
}

function merge(...args: unknown[]): Record<string, unknown> {
  const sources = args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
  const result: Record<string, unknown> = {};
  for (const source of sources) assign(result, map(source, 'each part of a merge'));
  return result;
}

function select(value: unknown, names: unknown, keep: boolean): Record<string, unknown> {
  const wanted = new Set(list(names, 'the keys').map((name) => text(name, 'each key')));
  const source = map(value, 'the object');
  return merge(Object.fromEntries(Object.entries(source).filter(([key]) => wanted.has(key) === keep)));
}

function entries(value: unknown): { key: string; value: unknown }[] {
  return cappedList(Object.entries(map(value, 'the object')).map(([key, each]) => ({ key, value: each })));
}

function fromEntries(value: unknown): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const items = list(value, 'the entries');
  spend(items.length);
  for (const item of items) {
    const [key, each] = Array.isArray(item) ? item : isMap(item) ? [item.key, item.value] : [];
    if (!isKey(key)) throw new Fault('argument', `each entry is {"key": …, "value": …} or [key, value], this is ${describeType(item)}`);
    assertSafeKey(String(key));
    result[String(key)] = each ?? null;
  }
  return result;
}

export const mapFunctions: FunctionSpec[] = [
  define('keys(object)', 'Its keys, as a list.', true, (value) => cappedList(Object.keys(map(value, 'the object')))),
  define('values(object)', 'Its values, as a list.', 'args', (value) => cappedList(Object.values(map(value, 'the object')))),
  define('entries(object)', 'A list of {"key", "value"}.', 'args', entries),
  define('fromEntries(list)', 'The object of a list of {"key", "value"} or [key, value].', 'args', fromEntries),
  define('merge(object, …)', 'One object of several; later ones win.', 'args', merge),
  define('pick(object, keys)', 'The object with these keys only.', 'args', (value, names) => select(value, names, true)),
  define('omit(object, keys)', 'The object without these keys.', 'args', (value, names) => select(value, names, false)),
];
