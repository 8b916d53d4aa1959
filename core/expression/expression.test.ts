import { describe, expect, it } from 'vitest';
import { compileExpression } from './expression';
import { ExpressionError } from './expression-error';

const scope = {
  input: { url: 'https://example.org' },
  data: {
    valid: true,
    n: 5,
    price: 2.5,
    text: 'Hello',
    nothing: null,
    items: [
      { name: 'x', n: 3, kind: 'a' },
      { name: 'y', n: 1, kind: 'b' },
      { name: 'z', n: 2, kind: 'a' },
    ],
    at: '2026-03-01T10:00:00Z',
    size: 7,
  },
  steps: { 'my-step': { output: { total: 3 }, status: 'succeeded', error: null } },
  run: { id: 'r1', attempt: 1, startedAt: '2026-01-31T00:00:00.000Z' },
};
const evaluate = (source: string) => compileExpression(source).evaluate(scope);
function failure(source: string): ExpressionError {
  try {
    compileExpression(source).evaluate(scope);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new Error(`${source} did not fail`);
}

describe('evaluation', () => {
  it.each([
    ['data.valid == true', true],
    ['data.n + 1', 6],
    ['data.n % 2', 1],
    ['data.n / 2', 2.5],
    ['data.n * data.price', 12.5],
    ['1 + 2.5', 3.5],
    ['7 / 2', 3],
    ['data.n > 3 && data.price <= 2.5', true],
    ['data.n == 5 && 5 == data.n && 5.0 == 5', true],
    ['data.n == "5"', false],
    ['"n=" + data.n + ", " + true', 'n=5, true'],
    ['-data.n', -5],
    ['2 in [1, 2.0]', true],
    ['"n" in data', true],
    ['"ell" in data.text', true],
    ['data.size', 7],
    ['size(data.items) + data.items.size()', 6],
    ['data.valid ? "yes" : 0', 'yes'],
    ['[1, "a", null, {"b": [2u]}]', [1, 'a', null, { b: [2] }]],
    ['data.items.map(i, i.n * 2)', [6, 2, 4]],
    ['data.items.map(i, i.n > 1, i.name)', ['x', 'z']],
    ['data.items.filter(i, i.kind == "a").size()', 2],
    ['data.items.exists(i, i.n == 1) && data.items.all(i, i.n > 0) && data.items.exists_one(i, i.kind == "b")', true],
    ['data.items.find(i, i.n == 2).name', 'z'],
    ['data.items.map(i, data.items.filter(j, j.n < i.n).size())', [2, 0, 1]],
    ['{"a": 1}.map(k, k)', ['a']],
    ['cel.bind(x, data.n * 2, x * x)', 100],
    ['steps["my-step"].output.total', 3],
    ['data[input.url == "" ? "n" : "text"]', 'Hello'],
    ['type(1) == int && type(data.n) == double && type("") == string', true],
    ['timestamp("2026-01-01T00:00:00Z") + duration("1h30m")', '2026-01-01T01:30:00.000Z'],
    ['b"hi"', 'aGk='],
    ['duration("90s")', '90s'],
    ['true || 1 / 0 > 1', true],
    ['1 / 0 > 1 || true', true],
    ['data.?missing.orValue(1) + data.?n.orValue(0)', 6],
    ['data.?missing.deeper', null],
  ])('%s', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });

  it.each([
    ['default(data.missing, 3)', 3],
    ['default(data.missing.deeper[0], 3)', 3],
    ['default(data.nothing, 3)', 3],
    ['default(data.nothing.x, 3)', 3],
    ['data.items[9].default("none")', 'none'],
    ['default(data.n, 3)', 5],
    ['has(data.n) && !has(data.m) && !has(data.m.o) && !has(data.text.x)', true],
  ])('missing values: %s', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });

  it('hands on values of the scope untouched and does not read what it does not need', () => {
    const lazy = {
      get steps(): never {
        throw new Error('read');
      },
      data: scope.data,
    };
    expect(compileExpression('data.items').evaluate(lazy)).toBe(scope.data.items);
    class Names {
      get data() {
        return { n: 1 };
      }
    }
    expect(compileExpression('data.n').evaluate(new Names() as never)).toBe(1);
  });
});

describe('functions', () => {
  it.each([
    ['sum(data.items.map(i, i.n))', 6],
    ['sum([1, 2.5]) + avg([1, 2])', 5],
    ['min(3, 1.5) + max([1, 2])', 3.5],
    ['[3, 1, 2].sort() == [1, 2, 3]', true],
    ['data.items.sortBy(i, -i.n).pluck("name").join("")', 'xzy'],
    ['sortBy(data.items, "n")[0].name', 'y'],
    ['data.items.groupBy(i, i.kind).map(k, k)', ['a', 'b']],
    ['groupBy(data.items, "kind").a.size()', 2],
    ['unique([1, 1.0, "1", [2], [2]])', [1, '1', [2]]],
    ['unique(data.items, "kind").size()', 2],
    ['flatten([[1, [2]], 3])', [1, [2], 3]],
    ['"a,b,,c".split(",")', ['a', 'b', '', 'c']],
    ['"a,b,c".split(",", 2)', ['a', 'b,c']],
    ['[1, true, "x", null, {"a": 1}].join("|")', '1|true|x||{"a":1}'],
    ['"aXbX".replace("X", "-") + "aXbX".replace("X", "-", 1)', 'a-b-a-bX'],
    ['upper("a") + lower("B") + trim(" c ")', 'Abc'],
    ['"hello".contains("ell") && "hello".startsWith("he") && "hello".endsWith("lo")', true],
    ['[round(2.5), round(-2.5), round(1.005, 2), floor(1.9), ceil(1.1), abs(-3)]', [3, -3, 1.01, 1, 2, 3]],
    ['keys({"a": 1, "b": 2}) + values({"a": 1})', ['a', 'b', 1]],
    ['merge({"a": 1, "b": 1}, {"b": 2})', { a: 1, b: 2 }],
    ['pick({"a": 1, "b": 2}, ["a"]) == omit({"a": 1, "b": 2}, ["b"])', true],
    ['fromEntries(entries({"a": 1}))', { a: 1 }],
    ['slice("hello", 1, -1) + slice([1, 2, 3], 1)[0]', 'ell2'],
    ['range(3) + range(5, 1, -2)', [0, 1, 2, 5, 3]],
    ['parseJson(toJson({"a": [1, 2.5]}))', { a: [1, 2.5] }],
    ['size("a😀")', 2],
    ['int("42") + int(3.9) + double("1.5")', 46.5],
    ['base64Decode(base64Encode("grüße"))', 'grüße'],
    ['date(data.at)', '2026-03-01T10:00:00.000Z'],
    ['formatDate(data.at, "yyyy-MM-dd HH:mm", "America/New_York")', '2026-03-01 05:00'],
    ["formatDate(data.at, \"EEE d MMM ''yy, h 'o''clock' a XXX\", \"Asia/Kolkata\")", "Sun 1 Mar '26, 3 o'clock PM +05:30"],
    ['addMonths(run.startedAt, 1)', '2026-02-28T00:00:00.000Z'],
    ['addDays(data.at, 2) > date(data.at) && daysBetween(data.at, addDays(data.at, 2)) == 2', true],
    ['startOf(data.at, "week")', '2026-02-23T00:00:00.000Z'],
    ['timestamp(data.at).getDayOfWeek() + timestamp(data.at).getHours("Europe/Berlin")', 11],
    ['"abc123".matches("^[a-z]+\\\\d+$")', true],
    ['math.greatest(1, 3)', 3],
  ])('%s', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });
});

describe('errors', () => {
  it.each([
    ['dta.n', 'unknown_name', /unknown name "dta"; did you mean "data"\? Names in reach: data, input, run, steps \(column 1 of `dta\.n`\)/],
    ['data.itms', 'no_such_key', /data has no "itms"; did you mean "items"\? It has: valid, n/],
    ['data.items[3]', 'no_such_key', /data\.items has 3 items, so there is no item 3/],
    ['data.nothing.x', 'no_such_key', /data\.nothing is null/],
    ['data.items.name', 'type', /is a list, so it has no "name"/],
    ['data.n + data.items', 'type', /cannot add a number and a list/],
    ['"a" + data.nothing', 'type', /default\(x, ""\)/],
    ['data.text > 3', 'type', /cannot compare a text and a number/],
    ['data.n && true', 'type', /must be true or false/],
    ['data.valid =  true', 'syntax', /write `==`/],
    ['data.n +', 'syntax', /unexpected token: the end/],
    ['sume([1])', 'unknown_function', /unknown function "sume"; did you mean "sum"\?/],
    ['now()', 'unknown_function', /run\.startedAt/],
    ['data.n.replace("a")', 'argument', /it is used as replace\(text, old, new, times\?\)/],
    ['{name: 1}', 'unknown_name', /written in quotes/],
    ['1.0 / 0.0', 'arithmetic', /infinite/],
    ['1 / 0', 'arithmetic', /division by zero/],
    ['9223372036854775807 + 1', 'arithmetic', /64 bits/],
    ['date("soon")', 'argument', /is not a date/],
    ['', 'syntax', /empty/],
  ])('%s', (source, code, message) => {
    const error = failure(source);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.expression).toBe(source);
  });

  it('names line and column', () => {
    const error = failure('data.n +\n  data.missing');
    expect(error.position).toEqual({ offset: 16, line: 2, column: 8 });
    expect(error.message).toContain('line 2, column 8');
  });
});

it('tells which names are read', () => {
  const { references } = compileExpression('steps.a.output.x + steps["b"].error.map(i, i.c)[0] + data.n');
  expect(references.map(({ root, path }) => [root, ...path].join('.'))).toEqual(['steps.a.output.x', 'steps.b.error', 'data.n']);
});
