import { describeType, isMap } from '../cel-values';
import { Fault } from '../fault';
import { assertTextLength, cappedList, cappedText, limits, spend, spendText } from '../limits';
import { contains, equals } from '../operators';
import { resultText } from '../to-json';
import { list, text, whole } from './expect';
import { define, type FunctionSpec } from './function-spec';
import { matchesPattern } from './pattern';

function join(items: unknown, separator: unknown = ''): string {
  const values = list(items, 'what is joined');
  const glue = text(separator, 'the separator');
  const parts: string[] = [];
  let length = 0;
  for (const value of values) {
    const part = resultText(value);
    spendText(part.length);
    length += part.length + glue.length;
    assertTextLength(length);
    parts.push(part);
  }
  spend(values.length);
  return parts.join(glue);
}

function split(value: unknown, separator: unknown, limit?: unknown): string[] {
  const source = text(value, 'what is split');
  const by = text(separator, 'the separator');
  spend(source.length >> 6);
  const parts = source.split(by, limits.listLength + 1);
  if (limit === undefined) return cappedList(parts);
  const count = whole(limit, 'the number of parts');
  if (count < 0 || parts.length <= count) return cappedList(parts);
  return count === 0 ? [] : cappedList([...parts.slice(0, count - 1), parts.slice(count - 1).join(by)]);
}

function replace(value: unknown, from: unknown, to: unknown, count?: unknown): string {
  const source = text(value, 'what is changed');
  const old = text(from, 'what is replaced');
  const fresh = text(to, 'the replacement');
  const times = count === undefined ? Number.POSITIVE_INFINITY : whole(count, 'the number of replacements');
  spend(source.length >> 6);
  const parts = source.split(old);
  const used = times < 0 ? parts.length - 1 : Math.min(times, parts.length - 1);
  assertTextLength(source.length + used * Math.max(0, fresh.length - old.length));
  if (used === parts.length - 1) return parts.join(fresh);
  return `${parts.slice(0, used + 1).join(fresh)}${old}${parts.slice(used + 1).join(old)}`;
}

function containsAny(container: unknown, item: unknown): boolean {
  if (typeof container === 'string') text(item, 'what is looked for');
  return contains(item, container);
}

/** Unicode characters, as CEL counts them. */
function characters(value: string): number {
  spendText(value.length);
  let count = value.length;
  for (let i = 0; i < value.length - 1; i++) {
    const unit = value.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const next = value.charCodeAt(i + 1);
      if (next >= 0xdc00 && next <= 0xdfff) {
        count--;
        i++;
      }
    }
  }
  return count;
}

function size(value: unknown): bigint {
  if (typeof value === 'string') return BigInt(characters(value));
  if (Array.isArray(value) || value instanceof Uint8Array) return BigInt(value.length);
  if (isMap(value)) {
    const keys = Object.keys(value).length;
    spend(keys >> 3);
    return BigInt(keys);
  }
  throw new Fault('argument', `size needs a text, a list or an object, this is ${describeType(value)}`);
}

function indexOf(value: unknown, item: unknown, from: unknown = 0n): bigint {
  const start = whole(from, 'where to start');
  if (Array.isArray(value)) spend(value.length);
  else if (typeof value === 'string') spendText(value.length);
  if (Array.isArray(value)) return BigInt(value.findIndex((each, i) => i >= start && equals(each, item)));
  return BigInt(text(value, 'where it is looked for').indexOf(text(item, 'what is looked for'), start));
}

function slice(value: unknown, from: unknown, to?: unknown): unknown {
  const start = whole(from, 'the start');
  const end = to === undefined ? undefined : whole(to, 'the end');
  if (Array.isArray(value)) return cappedList(value.slice(start, end));
  return text(value, 'what is sliced').slice(start, end);
}

function substring(value: unknown, from: unknown, to?: unknown): string {
  const source = text(value, 'the text');
  const start = whole(from, 'the start');
  const end = to === undefined ? source.length : whole(to, 'the end');
  if (start < 0 || end < start || end > source.length)
    throw new Fault('argument', `there is no part from ${start} to ${end} in a text of ${source.length} characters; slice is more lenient`);
  return source.substring(start, end);
}

function lastIndexOf(value: string, part: string): bigint {
  spendText(value.length);
  return BigInt(value.lastIndexOf(part));
}

/** A function of one text, charged by its length. */
function ofText(change: (value: string) => string): (value: unknown) => string {
  return (value) => {
    const source = text(value, 'the text');
    spendText(source.length);
    return cappedText(change(source));
  };
}

export const textFunctions: FunctionSpec[] = [
  define('size(x)', 'Number of characters, items or keys.', false, size),
  define('contains(x, part)', 'Whether a text contains a text, a list an item, an object a key.', true, containsAny),
  define('startsWith(text, start)', 'Whether the text starts so.', true, (value, start) => text(value, 'the text').startsWith(text(start, 'the start'))),
  define('endsWith(text, end)', 'Whether the text ends so.', true, (value, end) => text(value, 'the text').endsWith(text(end, 'the end'))),
  define('matches(text, pattern)', 'Whether the regular expression (RE2) matches anywhere in the text.', true, (value, pattern) =>
    matchesPattern(text(value, 'the text'), text(pattern, 'the pattern')),
  ),
  define(
    'lower(text)',
    'In lower case.',
    true,
    ofText((value) => value.toLowerCase()),
  ),
  define(
    'upper(text)',
    'In upper case.',
    true,
    ofText((value) => value.toUpperCase()),
  ),
  define(
    'lowerAscii(text)',
    'In lower case, ASCII letters only.',
    true,
    ofText((value) => value.replace(/[A-Z]+/g, (part) => part.toLowerCase())),
  ),
  define(
    'upperAscii(text)',
    'In upper case, ASCII letters only.',
    true,
    ofText((value) => value.replace(/[a-z]+/g, (part) => part.toUpperCase())),
  ),
  define(
    'trim(text)',
    'Without white space at both ends.',
    true,
    ofText((value) => value.trim()),
  ),
  define('replace(text, old, new, times?)', 'With each `old` replaced by `new`.', true, replace),
  define('split(text, separator, parts?)', 'The parts between separators, as a list.', true, split),
  define('join(list, separator?)', 'The items as one text.', true, join),
  define('slice(x, from, to?)', 'Part of a text or list; negative positions count from the end.', 'args', slice),
  define('substring(text, from, to?)', 'Part of a text.', true, substring),
  define('indexOf(x, item, from?)', 'Position of the first occurrence, -1 if there is none.', false, indexOf),
  define('lastIndexOf(text, part)', 'Position of the last occurrence, -1 if there is none.', false, (value, part) =>
    lastIndexOf(text(value, 'the text'), text(part, 'what is looked for')),
  ),
  define('charAt(text, position)', 'The character at a position.', true, (value, at) => text(value, 'the text').charAt(whole(at, 'the position'))),
];
