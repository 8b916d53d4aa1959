import { describe, expect, it, vi } from 'vitest';
import { compileExpression } from './expression';
import { ExpressionError } from './expression-error';
import { limits } from './limits';
import { compileTemplate } from './template';

// generous: other suites share the machine; what is bounded here would otherwise take minutes or forever
vi.setConfig({ testTimeout: 60_000 });

const scope = { data: { text: 'a'.repeat(100_000), list: Array.from({ length: 1000 }, (_, i) => i), n: 1, at: '2026-01-01' } };

/** Must fail with an ExpressionError, and soon. */
function refused(source: string): ExpressionError {
  const start = performance.now();
  try {
    const value = compileExpression(source).evaluate(scope);
    throw new Error(`answered ${JSON.stringify(value)?.slice(0, 100)}`);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    expect(performance.now() - start).toBeLessThan(15_000);
    return error;
  }
}

describe('prototypes cannot be reached', () => {
  it.each([
    'data.__proto__',
    'data["__proto__"]',
    'data.constructor',
    'data["constr" + "uctor"]',
    'data.toString',
    'data.list.length',
    'data.list["map"]',
    'data.list.constructor',
    'data.text.length',
    'data.text["constructor"]',
    'data.n.constructor',
    'date(data.at).constructor',
    'date(data.at)["getTime"]',
    'b"x".buffer',
    'duration("1s").ms',
    'type(1).name',
    'optional.of(1).value',
    'data.?n.value.constructor',
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'globalThis',
    'process',
    'this',
    '[].constructor',
    '{}.constructor',
    '{"__proto__": {"admin": true}}',
    '{"constructor": 1}',
    '{"a" + "": 1, "__pro" + "to__": 1}',
    'parseJson("{\\"__proto__\\": {\\"admin\\": true}}")',
    'fromEntries([["__proto__", {"admin": true}]])',
    'merge(parseJson("{}"), {"prototype": 1})',
    '["__proto__"].groupBy(i, i)',
    'data.list.map(constructor, constructor.x)',
    'data.constructor.constructor("return process")()',
  ])('%s', (source) => {
    refused(source);
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  it('an own key of such a name in the data is not taken over into results', () => {
    const evil = { data: JSON.parse('{"a": {"__proto__": {"admin": true}}}') as Record<string, unknown> };
    expect(() => compileExpression('merge(data.a, {})').evaluate(evil)).toThrow(ExpressionError);
    expect(() => compileExpression('{"x": data.a}').evaluate(evil)).toThrow(ExpressionError);
    expect(() => compileTemplate(JSON.parse('{"__proto__": 1}'))).toThrow(ExpressionError);
  });

  it('values of the host are no data', () => {
    const host = { data: { f: () => 1, s: Symbol('x') } as never };
    expect(compileExpression('[data.f]').evaluate(host)).toEqual([null]);
  });
});

describe('no expression takes long or grows large', () => {
  it.each([
    'range(1000000000)',
    'data.list.map(a, data.list.map(b, data.list.map(c, a + b + c)))',
    'data.list.map(a, data.list.map(b, data.list.map(c, data.list.map(d, 1))))',
    'data.list.all(a, data.list.all(b, data.list.all(c, true)))',
    'data.list.exists(a, data.list.exists(b, data.list.exists(c, false)))',
    'data.list.map(a, data.text)',
    'data.list.map(a, data.list.map(b, data.text.slice(0, 1000)))',
    `cel.bind(a, data.text + data.text, ${'cel.bind(a, a + a, '.repeat(40)}a${')'.repeat(41)}`,
    `cel.bind(a, data.list, ${'cel.bind(a, a + a, '.repeat(40)}a${')'.repeat(41)}`,
    `cel.bind(a, data.list, ${'cel.bind(a, [a, a], '.repeat(40)}a${')'.repeat(41)}`,
    `cel.bind(a, data.list, ${'cel.bind(a, [a, a], '.repeat(40)}toJson(a)${')'.repeat(41)}`,
    'data.text.replace("a", data.text)',
    'data.text.split("").join(data.text)',
    'data.list.map(i, data.list).flatten().map(i, data.text).join("")',
    `${'['.repeat(100)}${']'.repeat(100)}`,
    `${'-'.repeat(9000)}1`,
    `${'!'.repeat(9000)}true`,
    `${'1+'.repeat(5000)}1`,
    `${'('.repeat(3000)}1${')'.repeat(3000)}`,
    `data${'.a'.repeat(4000)}`,
    `"${'a'.repeat(limits.sourceLength)}"`,
    `parseJson("${'['.repeat(3000)}${']'.repeat(3000)}")`,
    'data.text.matches("(((a{1,100}){1,100}){1,100}){1,100}")',
    // work on long texts inside loops
    'data.list.map(a, data.list.filter(b, data.text.contains("b"))).size()',
    'data.list.all(a, data.list.all(b, !data.text.matches("b$")))',
    'data.list.all(a, data.list.all(b, data.text.replace("b", "") == data.text))',
    'data.list.all(a, data.list.all(b, lower(data.text) < "b"))',
    'data.list.all(a, data.list.all(b, data.text.indexOf("b") < 0))',
    'data.list.all(a, data.list.all(b, size(data.text) > 0))',
    'data.list.all(a, data.list.all(b, toJson(data.list) != ""))',
    'data.list.all(a, data.list.all(b, [data.text, data.text].join("") != ""))',
    'data.list.all(a, data.list.all(b, [data.text + "b"].unique().size() == 1))',
    'data.list.all(a, data.list.all(b, data.list.indexOf(-1) < 0))',
    'data.list.all(a, data.list.all(b, base64Encode(data.text) != ""))',
    'data.list.all(a, data.list.all(b, formatDate(data.at, "yyyy", "Europe/Berlin") == "2026"))',
    'data.list.all(a, "x".matches("a{1,500}" + a) == false)',
  ])('refused: %#', (source) => {
    const error = refused(source);
    expect(['too_large', 'budget_exceeded', 'syntax', 'argument', 'no_such_key', 'unknown_function']).toContain(error.code);
  });

  it.each(['(a+)+$', '(a|aa)+$', '(.*)*b', '(a|a)*$', '^(([a-z])+.)+[A-Z]([a-z])+$', 'a*a*a*a*a*a*a*a*b'])(
    'a pattern that is slow elsewhere is not: %s',
    (pattern) => {
      const { evaluate } = compileExpression(`data.text.matches(${JSON.stringify(pattern).replaceAll('\\', '\\\\')})`);
      const start = performance.now();
      evaluate({ data: { text: `${'a'.repeat(20_000)}!` } });
      expect(performance.now() - start).toBeLessThan(15_000);
    },
  );

  it('the budget is that of one evaluation', () => {
    const { evaluate } = compileExpression('data.list.map(a, data.list.filter(b, b < a).size()).size()');
    for (let i = 0; i < 3; i++) expect(() => compileExpression('data.list.map(a, data.list.map(b, data.list.map(c, 1)))').evaluate(scope)).toThrow(/too much/);
    expect(() => evaluate({ data: { list: scope.data.list.slice(0, 900) } })).not.toThrow();
    expect(() => evaluate({ data: { list: scope.data.list.slice(0, 900) } })).not.toThrow();
  });

  it('a missing key costs little, however many keys there are', () => {
    const wide = { data: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`key${i}`, i])), list: scope.data.list };
    const start = performance.now();
    expect(compileExpression('list.slice(0, 800).map(a, list.slice(0, 500).map(b, default(data.missing, 1)).size()).size()').evaluate(wide)).toBe(800);
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  it('an exhausted budget cannot be caught', () => {
    expect(refused('true || true ? default(range(1000000000).x, 1) : 2').code).toBe('too_large');
    expect(refused('data.list.map(a, data.list.map(b, data.list.map(c, 1))).size() > 0 || true').code).toBe('budget_exceeded');
  });
});
