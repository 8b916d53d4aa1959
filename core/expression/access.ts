import { describeType, isMap, none, OptionalValue, ownValue } from './cel-values';
import { Fault } from './fault';
import { isKey } from './operators';
import type { ASTNode } from './parse';
import { closestName, listNames } from './suggest';

/** The slow path of `target.key`: own properties of objects only, and errors that say what was there instead. */
export function access(value: unknown, key: string, offset: number, target?: ASTNode): unknown {
  if (value instanceof OptionalValue) return value.value === undefined ? none : optionalAccess(value.value, key);
  if (isMap(value)) {
    const found = ownValue(value, key);
    if (found !== undefined) return found;
    throw new Fault('no_such_key', () => missingKey(value, key, target), offset);
  }
  if (value === null) throw new Fault('no_such_key', () => `${describeNode(target)} is null, so it has no "${key}"`, offset);
  const hint = Array.isArray(value) ? (key === 'length' ? '; use size(x)' : '; use x[0] for an item, or x.map(i, i.…) for all') : '';
  throw new Fault('type', `${describeNode(target)} is ${describeType(value)}, so it has no "${key}"${hint}`, offset);
}

function missingKey(value: object, key: string, target: ASTNode | undefined): string {
  const keys = Object.keys(value);
  const guess = closestName(key, keys);
  const hint =
    guess === undefined ? (keys.length === 0 ? '; it is empty' : `; it has: ${listNames(keys)}`) : `; did you mean "${guess}"? It has: ${listNames(keys)}`;
  return `${describeNode(target)} has no "${key}"${hint}`;
}

/** `target[key]`: an item of a list by position, or a property by key. */
export function index(value: unknown, key: unknown, offset: number, target?: ASTNode): unknown {
  if (Array.isArray(value)) {
    const position = typeof key === 'bigint' ? Number(key) : key;
    if (typeof position !== 'number' || !Number.isInteger(position))
      throw new Fault('type', `a position in a list must be a whole number, this is ${describeType(key)}`, offset);
    const found: unknown = value[position];
    if (found !== undefined) return found;
    const length = value.length === 1 ? '1 item' : `${value.length} items`;
    throw new Fault('no_such_key', `${describeNode(target)} has ${length}, so there is no item ${position} (the first is 0)`, offset);
  }
  if (value instanceof OptionalValue) return value.value === undefined ? none : optionalAccess(value.value, key);
  if (!isKey(key)) throw new Fault('type', `a key must be a text or a number, this is ${describeType(key)}`, offset);
  if (typeof value === 'string') throw new Fault('type', `${describeNode(target)} is a text; use slice(x, from, to) for a part of it`, offset);
  return access(value, String(key), offset, target);
}

/** `target.?key` and `target[?key]`: none where the key is missing or the target is null. */
export function optionalAccess(value: unknown, key: unknown): OptionalValue {
  if (value instanceof OptionalValue) return value.value === undefined ? none : optionalAccess(value.value, key);
  if (value === null) return none;
  let found: unknown;
  if (Array.isArray(value)) found = isKey(key) ? (value as unknown[])[Number(key)] : undefined;
  else if (isMap(value)) found = isKey(key) ? ownValue(value, String(key)) : undefined;
  else throw new Fault('type', `${describeType(value)} has no keys`);
  return found === undefined ? none : new OptionalValue(found);
}

/** `data.items[0]`, as the person wrote it, for messages. */
function describeNode(node: ASTNode | undefined): string {
  if (node === undefined) return 'the value';
  if (node.op === 'value') return 'the value';
  const text = node.input.slice(node.start, node.end);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
