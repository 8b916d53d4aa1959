import { run } from '@bufbuild/cel';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { compileExpression } from './expression';
import { ExpressionError } from './expression-error';
import { compileTemplate } from './template';

// generous: other suites share the machine; what is bounded here would otherwise take minutes or forever
vi.setConfig({ testTimeout: 60_000 });

/** What the reference implementation answers, as JSON; its CEL maps and lists are iterable. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  const entries = value as { entries?: () => Iterable<[unknown, unknown]>; [Symbol.iterator]?: () => Iterator<unknown>; get?: unknown; size?: number };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof entries.entries === 'function' && typeof entries.get === 'function') {
    const pairs = [...entries.entries()];
    const isList = pairs.every(([key], i) => key === i) && !('has' in entries);
    return isList ? pairs.map(([, each]) => plain(each)) : Object.fromEntries(pairs.map(([key, each]) => [String(key), plain(each)]));
  }
  if (typeof entries[Symbol.iterator] === 'function') return [...(value as Iterable<unknown>)].map(plain);
  return value;
}

const bindings = { a: 3, b: -1.5, s: 'héllo', t: '', l: [1, 2, 3], m: { k: 'v', n: 2 }, yes: true, nil: null };

function reference(source: string): { value: unknown } | 'error' {
  try {
    const value = run(source, bindings as never) as unknown;
    return value instanceof Error || (typeof value === 'object' && value !== null && value.constructor.name === 'CelError') ? 'error' : { value: plain(value) };
  } catch {
    return 'error';
  }
}

function ours(source: string): { value: unknown } | 'error' | 'refused' {
  try {
    return { value: compileExpression(source).evaluate(bindings) };
  } catch (error) {
    // deeper than ours may be nested
    if (error instanceof ExpressionError) return error.code === 'too_large' ? 'refused' : 'error';
    throw error;
  }
}

const integer = fc.integer({ min: -50, max: 50 }).map((n) => (n < 0 ? `(${n})` : String(n)));
const double = fc.integer({ min: -400, max: 400 }).map((n) => `(${(n / 8).toFixed(3)})`);
const text = fc.constantFrom('""', '"a"', "'b c'", '"\\u00e9\\n"', 's', 't');
const { expression } = fc.letrec<Record<'number' | 'string' | 'boolean' | 'list' | 'expression', string>>((tie) => {
  const pair = (of: 'number' | 'string' | 'boolean' | 'list', ...operators: string[]) =>
    fc.tuple(tie(of), fc.constantFrom(...operators), tie(of)).map(([x, o, y]) => `(${x} ${o} ${y})`);
  return {
    number: fc.oneof(
      { maxDepth: 4 },
      integer,
      double,
      fc.constantFrom('a', 'b', 'l[0]', 'm.n', 'size(s)', 'size(l)'),
      pair('number', '+', '-', '*', '/', '%'),
      tie('list').map((l) => `size(${l})`),
      fc.tuple(tie('boolean'), tie('number'), tie('number')).map(([c, x, y]) => `(${c} ? ${x} : ${y})`),
    ),
    string: fc.oneof({ maxDepth: 4 }, text, pair('string', '+'), fc.constantFrom('m.k', 'm["k"]')),
    boolean: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('true', 'false', 'yes', 'has(m.k)', 'has(m.x)', '(nil == null)'),
      pair('boolean', '&&', '||', '==', '!='),
      pair('number', '<', '<=', '>', '>=', '==', '!='),
      pair('string', '<', '>=', '==', '!='),
      tie('boolean').map((b) => `!${b}`),
      fc.tuple(tie('number'), tie('list')).map(([n, l]) => `(${n} in ${l})`),
      fc.tuple(tie('list'), fc.constantFrom('all', 'exists', 'exists_one'), tie('number')).map(([l, f, n]) => `${l}.${f}(i, i > ${n})`),
      fc.tuple(tie('string'), fc.constantFrom('contains', 'startsWith', 'endsWith'), tie('string')).map(([x, f, y]) => `${x}.${f}(${y})`),
    ),
    list: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('l', '[]', '[1, 2]'),
      fc.array(tie('number'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
      pair('list', '+'),
      fc.tuple(tie('list'), tie('number')).map(([l, n]) => `${l}.map(i, i * 1.0 + double(${n}))`),
      fc.tuple(tie('list'), tie('number')).map(([l, n]) => `${l}.filter(i, i < ${n})`),
    ),
    expression: fc.oneof(
      tie('number'),
      tie('string'),
      tie('boolean'),
      tie('list'),
      fc.tuple(text, tie('number')).map(([k, v]) => `{${k}: ${v}}`),
    ),
  };
});

describe('against the reference implementation', () => {
  it('wherever it has an answer, ours is the same', () => {
    let answered = 0;
    fc.assert(
      fc.property(expression, (source) => {
        const wanted = reference(source);
        // what CEL refuses (mixed numbers, for example) ours may be kind about
        if (wanted === 'error') return;
        const got = ours(source);
        if (got === 'refused') return;
        // infinities and NaN are no JSON
        if (got === 'error' && JSON.stringify(wanted.value)?.includes('null') === true) return;
        answered++;
        expect(got, source).toEqual(wanted);
      }),
      { numRuns: 1500 },
    );
    expect(answered).toBeGreaterThan(300);
  });

  it.each([
    '1 + 2 * 3 - 4 / 3 % 2',
    '-7 / 2',
    '-7 % 3',
    '1.5 + 2.5 == 4.0',
    '[1, 2] == [1, 2] && {"a": [1]} == {"a": [1]}',
    '[1] != [2]',
    '1 == 1.0 && 1u == 1',
    '"a" < "b" && b"a" < b"b"',
    'size("héllo") + size([1, 2]) + size({"a": 1})',
    '[1, 2, 3].map(x, x * x).filter(x, x > 1)',
    '[[1, 2], [3]].map(x, x.map(y, y + 1))',
    '{"a": 1, "b": 2}.all(k, k in ["a", "b"])',
    '[1, 2, 3].exists_one(x, x > 2)',
    'false && 1 / 0 == 1',
    '1 / 0 == 1 && false',
    'true ? "x" : "y"',
    'has(m.k) && !has(m.z)',
    'm.k + m["k"]',
    'type(1) == int && type(1.0) == double && type("") == string && type([]) == list && type({}) == map && type(null) == null_type',
    'int("12") + int(3.9) + int(-3.9)',
    'double("1.5") + double(2)',
    'string(1) + string(1.5) + string(true) + string(b"abc")',
    "r\"\\d\" + \"\\x41\\u0042\\103\" + '''a\nb'''",
    '"foobar".matches("o{2}b") && !"foobar".matches("^bar")',
    'timestamp("2026-02-03T04:05:06Z") + duration("1h") == timestamp("2026-02-03T05:05:06Z")',
    'timestamp("2026-02-03T04:05:06Z") - timestamp("2026-02-03T04:05:00Z") == duration("6s")',
    'timestamp("2026-02-03T04:05:06.789Z").getFullYear() + timestamp("2026-02-03T04:05:06.789Z").getMonth() + timestamp("2026-02-03T04:05:06.789Z").getMilliseconds()',
    'timestamp("2026-02-03T04:05:06Z").getDayOfYear() + timestamp("2026-02-03T04:05:06Z").getDayOfMonth() + timestamp("2026-02-03T04:05:06Z").getDayOfWeek()',
    'timestamp("2026-02-03T04:05:06Z").getHours("+05:30")',
    'duration("1h30m").getMinutes() + duration("90s").getSeconds()',
    '0x1F + 1e2 + .5',
    '9223372036854775807 + 1',
    '1 / 0',
    'unknown',
    '[1][5]',
    '"a" > 1',
  ])('sample: %s', (source) => {
    expect(ours(source)).toEqual(reference(source));
  });
});

it('whatever the text, a template evaluates or fails with an ExpressionError', () => {
  const scrap = fc.constantFrom(
    '{{',
    '}}',
    '{',
    '}',
    '"',
    "'",
    '\\',
    ' data ',
    '.n',
    '[0]',
    '1',
    '+',
    '(',
    ')',
    ',',
    '\n',
    'x',
    '//',
    'map',
    '%',
    '?:',
    '😀',
    '\u0000',
    '\ud800',
  );
  fc.assert(
    fc.property(fc.array(scrap, { maxLength: 20 }), (parts) => {
      try {
        compileTemplate(parts.join('')).evaluate({ data: { n: [1] } });
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionError);
      }
    }),
    { numRuns: 3000 },
  );
});

it('any JSON comes back from a template as it is, when braces are escaped', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const safe = JSON.parse(JSON.stringify(value).replaceAll('{{', '{{{{').replaceAll('__proto__', 'proto')) as never;
      const wanted = JSON.parse(JSON.stringify(safe).replaceAll('{{{{', '{{')) as unknown;
      if (/"(?:constructor|prototype)":/.test(JSON.stringify(safe)) || /\{\{[^"]*":/.test(JSON.stringify(safe))) return;
      expect(compileTemplate(safe).evaluate({})).toEqual(wanted);
    }),
    { numRuns: 300 },
  );
});
