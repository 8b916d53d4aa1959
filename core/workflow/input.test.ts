import { Validator } from '@cfworker/json-schema';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { checkInput } from './input';
import type { Json, JsonObject } from './workflow';

// generous: other suites share the machine; what is bounded here would otherwise take minutes or forever
vi.setConfig({ testTimeout: 60_000 });

const said = (schema: JsonObject, input: Json) => checkInput(schema, input).map(({ path, message }) => `${path}: ${message}`);

describe('checkInput', () => {
  it('accepts anything without a schema', () => {
    expect(checkInput(undefined, { a: 1 })).toEqual([]);
  });

  it.each<[JsonObject, Json, string[]]>([
    [{ type: 'object', properties: { url: { type: 'string' } }, required: ['url'] }, {}, ['input.url: is missing']],
    [{ type: 'object', properties: { url: { type: 'string' } } }, { url: 5 }, ['input.url: wants a text, this is 5']],
    [
      { properties: { list: { items: { type: 'object', properties: { n: { type: 'integer', minimum: 1 } } } } } },
      { list: [{ n: 1 }, { n: 0 }, { n: 1.5 }] },
      ['input.list[1].n: wants at least 1, this is 0', 'input.list[2].n: wants a whole number, this is 1.5'],
    ],
    [{ properties: { email: {} }, additionalProperties: false }, { emial: 1 }, ['input.emial: is not a known property; did you mean "email"?']],
    [{ enum: ['a', 'b'] }, 'c', ['input: wants one of a, b, this is the text "c"']],
    [
      { properties: { at: { format: 'date-time' }, mail: { format: 'email' }, id: { format: 'uuid' } } },
      { at: '2026-02-30T00:00:00Z', mail: 'x@', id: '1' },
      ['input.at: is not a valid date-time', 'input.mail: is not a valid email', 'input.id: is not a valid uuid'],
    ],
    [{ anyOf: [{ type: 'string' }, { type: 'object', required: ['a'] }] }, 5, ['input: wants a text, or wants an object']],
    [{ anyOf: [{ type: 'string' }, { type: 'object', required: ['a'] }] }, {}, ['input.a: is missing']],
    [
      { $ref: '#/$defs/node', $defs: { node: { properties: { next: { $ref: '#/$defs/node' }, n: { type: 'number' } } } } },
      { next: { next: { n: 'x' } } },
      ['input.next.next.n: wants a number, this is the text "x"'],
    ],
    [{ pattern: '^a+$' }, 'ab', ['input: does not match the pattern ^a+$']],
    [{ uniqueItems: true }, [1, { a: 1, b: 2 }, { b: 2, a: 1 }], ['input[2]: is the same as item 1; the items must differ']],
    [{ pattern: '(?=a)' }, 'a', [expect.stringMatching(/^workflow\.input\.pattern: the pattern "\(\?=a\)" cannot be used/) as unknown as string]],
    [{ type: 'strng' }, 'a', ['workflow.input.type: wants string, number, integer, boolean, object, array or null']],
    [{ $ref: 'https://example.org/schema' }, 'a', ['workflow.input.$ref: wants a reference into the same schema, such as #/$defs/name']],
  ])('%j of %j', (schema, input, expected) => {
    expect(said(schema, input)).toEqual(expected);
  });

  it('no schema makes it slow', () => {
    const deep = { $ref: '#', anyOf: Array.from({ length: 8 }, () => ({ items: { $ref: '#' } })) };
    const nested = Array.from({ length: 30 }).reduce<Json>((inner) => [inner, inner], 1);
    const cases: [JsonObject, Json][] = [
      [{ pattern: '^(a+)+$' }, `${'a'.repeat(100_000)}!`],
      [{ $ref: '#' }, 1],
      [{ allOf: [{ $ref: '#' }, { $ref: '#' }] }, 1],
      [deep, nested],
      [{ uniqueItems: true }, Array.from({ length: 100_000 }, (_, i) => i)],
      [{ format: 'uri' }, `http://${'a-'.repeat(50_000)}`],
      [{ format: 'email' }, `${'a'.repeat(64)}@${'a.'.repeat(50_000)}!`],
      [{ format: 'duration' }, `P${'1'.repeat(100_000)}`],
      [{ additionalProperties: false }, Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, 1]))],
    ];
    for (const [schema, input] of cases) {
      const start = performance.now();
      checkInput(schema, input);
      expect(performance.now() - start, JSON.stringify(schema).slice(0, 80)).toBeLessThan(15_000);
    }
  });

  it('agrees with another implementation', () => {
    const leaf = fc.constantFrom<JsonObject>(
      { type: 'string' },
      { type: 'integer' },
      { type: ['number', 'null'] },
      { type: 'boolean' },
      { minimum: 2 },
      { exclusiveMaximum: 3 },
      { multipleOf: 0.5 },
      { minLength: 2 },
      { maxLength: 1 },
      { pattern: '^[ab]+$' },
      { enum: [1, 'a', null, [1]] },
      { const: { a: 1 } },
      { required: ['a'] },
      { minItems: 2 },
      { maxItems: 1 },
      { uniqueItems: true },
      { maxProperties: 1 },
      { propertyNames: { maxLength: 1 } },
      { dependentRequired: { a: ['b'] } },
      {},
    );
    const { schema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
      schema: fc.oneof(
        { maxDepth: 3 },
        leaf,
        tie('schema').map((each) => ({ type: 'object', properties: { a: each }, additionalProperties: false })),
        fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => ({ properties: { a }, patternProperties: { '^b': b } })),
        tie('schema').map((each) => ({ additionalProperties: each })),
        tie('schema').map((each) => ({ items: each })),
        fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => ({ prefixItems: [a], items: b })),
        tie('schema').map((each) => ({ contains: each, minContains: 1 })),
        fc.tuple(fc.constantFrom('allOf', 'anyOf', 'oneOf'), tie('schema'), tie('schema')).map(([keyword, a, b]) => ({ [keyword]: [a, b] })),
        tie('schema').map((each) => ({ not: each })),
        fc.tuple(tie('schema'), tie('schema'), tie('schema')).map(([a, b, c]) =>
          Object.fromEntries([
            ['if', a],
            ['then', b],
            ['else', c],
          ]),
        ),
        tie('schema').map((each) => ({ $defs: { x: each }, items: each })),
      ),
    }));
    const value = fc.jsonValue({ maxDepth: 3 }).map((each) => each as Json);
    const shaped = fc.oneof(
      value,
      fc.record({ a: value, b: value }, { requiredKeys: [], noNullPrototype: true }),
      fc.array(value, { maxLength: 3 }),
      fc.constantFrom<Json>('a', 'ab', 1, 2.5, 3, null, { a: 1 }, [1], [1, 1]),
    );
    fc.assert(
      fc.property(schema, shaped, (each, input) => {
        expect(checkInput(each, input).length === 0).toBe(new Validator(each as never, '2020-12').validate(input).valid);
      }),
      { numRuns: 2000 },
    );
  });
});
