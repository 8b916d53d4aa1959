import { assertSafeKey, describeType } from '../cel-values';
import { Fault } from '../fault';
import { cappedList, spend, spendText } from '../limits';
import { compare, isKey } from '../operators';

/** The items in the order of their keys; stable; null keys come last. */
export function sortDecorated(items: readonly unknown[], keys: readonly unknown[]): unknown[] {
  spend(items.length * Math.ceil(Math.log2(items.length + 2)));
  const order = items.map((_, i) => i);
  order.sort((i, j) => compareNullLast(keys[i], keys[j]));
  return order.map((i) => items[i]);
}

function compareNullLast(a: unknown, b: unknown): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return compare(a, b) || 0;
}

/** An object from key to the list of its items, keys in order of first appearance. */
export function groupInto(items: readonly unknown[], keys: readonly unknown[]): Record<string, unknown[]> {
  spend(items.length);
  const groups = new Map<string, unknown[]>();
  for (let i = 0; i < items.length; i++) {
    const key = keys[i];
    if (key !== null && !isKey(key)) throw new Fault('type', `groups are named by a text, number or boolean, this is ${describeType(key)}`);
    const name = String(key);
    const group = groups.get(name);
    if (group) group.push(items[i]);
    else {
      assertSafeKey(name);
      groups.set(name, [items[i]]);
    }
  }
  return Object.fromEntries(groups);
}

/** The items whose key appears for the first time, in order; numbers are equal by value, objects by content. */
export function distinct(items: readonly unknown[], keys: readonly unknown[]): unknown[] {
  const seen = new Set<string>();
  return cappedList(
    items.filter((_item, i) => {
      const key = identity(keys[i], 0);
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    }),
  );
}

/** A text that is the same for equal values. */
function identity(value: unknown, depth: number): string {
  spend(1);
  if (depth > 64) throw new Fault('too_large', 'the value is nested too deeply');
  if (typeof value === 'bigint' || typeof value === 'number') return `n${Number(value)}`;
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'string') spendText(value.length);
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  }
  if (Array.isArray(value)) return `[${value.map((each) => identity(each, depth + 1)).join(',')}]`;
  if (value instanceof Date) return `t${value.getTime()}`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${identity(each, depth + 1)}`).join(',')}}`;
}
