import { describe, expect, it } from 'vitest';
import type { Json } from '@/core/workflow/workflow';
import { ExpressionError } from './expression-error';
import { compileTemplate } from './template';

const scope = { data: { n: 5, text: 'hi', list: [1, 2], nothing: null, object: { a: 1 } } };
const render = (value: Json) => compileTemplate(value).evaluate(scope);

describe('templates', () => {
  it.each<[Json, Json]>([
    ['{{ data.n }}', 5],
    ['{{data.list}}', [1, 2]],
    ['{{ data.n }}\n', 5],
    [' {{ data.n }}', ' 5'],
    ['n={{ data.n }}, {{ data.text + "!" }}', 'n=5, hi!'],
    ['{{ data.list }} and {{ data.object }} and {{ data.nothing }}.', '[1,2] and {"a":1} and .'],
    ['{{ data.n }}{{ data.n }}', '55'],
    ['{{ {"a": {"b": data.n}} }}', { a: { b: 5 } }],
    ['{{{"a": {"b": 1}}}}', { a: { b: 1 } }],
    ['a {{ "}}" }} b {{ \'{{\' }}', 'a }} b {{'],
    ['{{{{ data.n }}', '{{ data.n }}'],
    ['{{{{{{ data.n }}', '{{5'],
    ['plain } text }}', 'plain } text }}'],
    [
      { b: '{{ data.n }}', a: ['x', '{{ data.text }}', { c: null, d: true }], '{{ key }}': 1 },
      { b: 5, a: ['x', 'hi', { c: null, d: true }], '{{ key }}': 1 },
    ],
  ])('%j', (value, expected) => {
    expect(render(value)).toEqual(expected);
  });

  it('keeps the order of keys', () => {
    expect(Object.keys(render({ z: '{{ data.n }}', a: 1, m: '{{ data.n }}' }) as object)).toEqual(['z', 'a', 'm']);
  });

  it('knows constants, and hands them on as they are', () => {
    const value = { a: [1, 'b'], c: { d: null } };
    expect(compileTemplate(value).constant).toBe(true);
    expect(compileTemplate(value).evaluate({})).toBe(value);
    expect(compileTemplate({ a: '{{{{' })).toMatchObject({ constant: true });
    expect(compileTemplate({ a: '{{{{' }).evaluate({})).toEqual({ a: '{{' });
    expect(compileTemplate({ a: ['{{ 1 }}'] }).constant).toBe(false);
  });

  it('says where it failed', () => {
    const failing = (value: Json): ExpressionError => {
      try {
        render(value);
      } catch (error) {
        if (error instanceof ExpressionError) return error;
      }
      throw new Error('did not fail');
    };
    expect(failing({ headers: [{ 'x-y': 'a', 'b c': '{{ data.m }}' }] })).toMatchObject({
      place: 'headers[0]["b c"]',
      expression: 'data.m',
      code: 'no_such_key',
    });
    expect(failing('{{ data.n')).toMatchObject({ code: 'syntax', message: expect.stringContaining('{{{{') });
    expect(failing('{{ }}')).toMatchObject({ code: 'syntax' });
    expect(failing({ a: '{{ 1 + }}' })).toMatchObject({ place: 'a' });
  });

  it('lists the names it reads', () => {
    expect(compileTemplate({ a: '{{ data.n }} {{ steps.x.output }}', b: ['{{ input }}'] }).references.map((each) => each.root)).toEqual([
      'data',
      'steps',
      'input',
    ]);
  });
});
