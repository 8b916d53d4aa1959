import { describeType, isMap, OptionalValue, ownValue } from '../cel-values';
import { Fault } from '../fault';
import { assertListLength, cappedList, spend } from '../limits';
import { list, text, whole } from './expect';
import { define, type FunctionSpec } from './function-spec';
import { distinct, groupInto, sortDecorated } from './ordering';

/** The property named `key` of each item; null where it is missing. */
function pluck(items: unknown[], key: unknown): unknown[] {
  const name = text(key, 'the key');
  return items.map((item) => (isMap(item) ? (ownValue(item, name) ?? null) : null));
}

function sort(value: unknown): unknown[] {
  const items = list(value, 'what is sorted');
  return sortDecorated(items, items);
}

function sortBy(value: unknown, key: unknown): unknown[] {
  const items = list(value, 'what is sorted');
  return sortDecorated(items, pluck(items, key));
}

function groupBy(value: unknown, key: unknown): Record<string, unknown[]> {
  const items = list(value, 'what is grouped');
  return groupInto(items, pluck(items, key));
}

function unique(value: unknown, key?: unknown): unknown[] {
  const items = list(value, 'the list');
  return distinct(items, key === undefined ? items : pluck(items, key));
}

/** One level by default; `depth` levels, at most 10. */
function flatten(value: unknown, depth: unknown = 1n): unknown[] {
  const levels = Math.min(whole(depth, 'the depth'), 10);
  const result: unknown[] = [];
  const visit = (items: unknown[], left: number): void => {
    spend(items.length);
    for (const item of items) {
      if (Array.isArray(item) && left > 0) visit(item, left - 1);
      else result.push(item);
    }
    assertListLength(result.length);
  };
  visit(list(value, 'what is flattened'), levels);
  return result;
}

function ending(value: unknown, position: 0 | -1): unknown {
  const items = list(value, 'the list');
  return items.at(position) ?? null;
}

function optionalValue(value: unknown): unknown {
  if (!(value instanceof OptionalValue)) throw new Fault('argument', `this needs an optional (x.?y), this is ${describeType(value)}`);
  return value.value;
}

export const listFunctions: FunctionSpec[] = [
  define('sort(list)', 'In ascending order; nulls last.', 'args', sort),
  define('sortBy(list, key)', 'In the order of a property; also list.sortBy(item, expression).', 'args', sortBy),
  define('groupBy(list, key)', 'An object of lists by the value of a property; also list.groupBy(item, expression).', 'args', groupBy),
  define('unique(list, key?)', 'Each item once.', 'args', unique),
  define('distinct(list)', 'Each item once.', 'args', (value) => unique(value)),
  define('reverse(list)', 'In reverse order.', 'args', (value) => cappedList([...list(value, 'the list')].reverse())),
  define('flatten(list, depth?)', 'Lists inside the list made part of it.', 'args', flatten),
  define('pluck(list, key)', 'One property of each item; null where it is missing.', 'args', (value, key) => cappedList(pluck(list(value, 'the list'), key))),
  define('first(list)', 'The first item, null if there is none.', 'args', (value) => ending(value, 0)),
  define('last(list)', 'The last item, null if there is none.', 'args', (value) => ending(value, -1)),
  define('orValue(optional, otherwise)', 'The value of an optional, or another.', false, (value, otherwise) => optionalValue(value) ?? otherwise, {
    optional: true,
  }),
  define(
    'or(optional, optional)',
    'The first of two optionals that has a value.',
    false,
    (value, otherwise) => (optionalValue(value) === undefined ? otherwise : value),
    { optional: true },
  ),
  define('hasValue(optional)', 'Whether the optional has a value.', true, (value) => optionalValue(value) !== undefined, { optional: true }),
  define(
    'value(optional)',
    'The value of an optional; fails if there is none.',
    false,
    (value) => {
      const found = optionalValue(value);
      if (found === undefined) throw new Fault('no_such_key', 'the value is missing');
      return found;
    },
    { optional: true },
  ),
];
