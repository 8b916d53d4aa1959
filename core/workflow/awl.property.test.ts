import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { formatAwl, parseAwl, toAwlDocument } from './awl';
import type { Json, JsonObject, Step, Workflow } from './workflow';

// generous: other suites share the machine; what is bounded here would otherwise take minutes or forever
vi.setConfig({ testTimeout: 60_000 });

const unsafe = /^(?:__proto__|constructor|prototype|<<)$/;
const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 10 }),
  fc.constantFrom(
    'yes',
    'null',
    '~',
    '1',
    '1e3',
    '0x1f',
    '0o17',
    'true',
    '',
    ' ',
    '# no comment',
    'a: b',
    '- a',
    '{{ data.n }}',
    'line\nbreak\n',
    '\n\n a',
    'trailing \n',
    '\t',
    '"quoted"',
    "it's",
    '&a',
    '*a',
    '!t',
    '|',
    '>',
    '%',
    '@',
    '`',
    '2026-01-01',
    '.inf',
    '=',
    '<<',
    '\u0000',
    '\u0085\u2028',
    '\u{1F600}',
    '---',
    '...',
    '?',
    ': ',
    'a\r\nb',
  ),
);
const key = text.filter((each) => !unsafe.test(each));
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
);
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    number,
    text,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;
const object = fc.dictionary(key, json, { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<JsonObject>;
const id = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,20}$/).filter((each) => !unsafe.test(each));
const duration = fc.integer({ min: 1, max: 400 * 86_400_000 });
const optional = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { requiredKeys: [], noNullPrototype: true });
const line = text.filter((each) => each.length > 0);

const step = fc
  .tuple(
    fc.record(
      {
        id,
        uses: fc.constantFrom('pass', 'http', 'agent', 'switch', 'x'),
        with: object,
        dependsOn: fc.array(fc.record({ step: id, port: id }, { requiredKeys: ['step'], noNullPrototype: true }), { maxLength: 3 }),
      },
      { noNullPrototype: true },
    ),
    optional({
      title: text,
      condition: line.filter((each) => !each.trimStart().startsWith('{{')),
      timeout: duration,
      retry: fc.record(
        {
          attempts: fc.integer({ min: 0, max: 100 }),
          backoff: fc.constantFrom('fixed' as const, 'linear' as const, 'exponential' as const),
          delay: fc.constantFrom(0, 1000, 1500),
          maxDelay: fc.constantFrom(60_000, 61_000),
        },
        { noNullPrototype: true },
      ),
      onError: fc.oneof(
        fc.constantFrom({ kind: 'fail' as const }, { kind: 'continue' as const }),
        json.map((value) => ({ kind: 'fallback' as const, value })),
        id.map((each) => ({ kind: 'goto' as const, step: each })),
      ),
      notes: text,
    }),
  )
  .map(([required, rest]): Step => ({ ...required, ...rest }));

const workflow = fc
  .tuple(
    fc.record(
      {
        name: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/),
        triggers: fc.array(
          fc.oneof(
            fc.record({ type: fc.constantFrom('manual', 'webhook', 'schedule', 'event'), with: object }, { noNullPrototype: true }),
            fc.record({ type: fc.constant('event'), with: fc.record({ pattern: fc.string() }, { noNullPrototype: true }) }, { noNullPrototype: true }),
          ),
          { maxLength: 3 },
        ),
        settings: optional({ timeout: duration, concurrency: fc.integer({ min: 1, max: 100 }), priority: fc.integer({ min: -100, max: 100 }) }),
        steps: fc.array(step, { maxLength: 6 }),
        layout: fc.dictionary(fc.oneof(id, fc.constantFrom('trigger:0', 'trigger:1')), fc.record({ x: number, y: number }, { noNullPrototype: true }), {
          maxKeys: 4,
          noNullPrototype: true,
        }),
      },
      { noNullPrototype: true },
    ),
    optional({
      title: text,
      description: text,
      input: object,
      sla: optional({ maxDuration: duration, successRate: fc.integer({ min: 0, max: 100 }), window: duration }),
      output: json,
    }),
  )
  .map(([required, rest]): Workflow => ({ ...required, ...rest }));

/** Signed zeros are no difference that JSON could keep. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('applying what was exported changes nothing', () => {
  it('as YAML', () => {
    fc.assert(
      fc.property(workflow, (each) => {
        const source = formatAwl(each);
        const read = parseAwl(source);
        expect(read.ok ? read.workflow : { problems: read.problems, source }).toEqual(plain(each));
        expect(read.ok && formatAwl(read.workflow)).toBe(source);
      }),
      { numRuns: 600 },
    );
  });

  it('as a document', () => {
    fc.assert(
      fc.property(workflow, (each) => {
        const read = parseAwl(plain(toAwlDocument(each)));
        expect(read.ok ? read.workflow : read.problems).toEqual(plain(each));
      }),
      { numRuns: 300 },
    );
  });
});

it('whatever the text, parsing answers', () => {
  const scrap = fc.constantFrom(
    'workflow',
    ':',
    ' ',
    '\n',
    '\n  ',
    '- ',
    'steps',
    'name',
    'id',
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    "'",
    '&a',
    '*a',
    '!!map',
    '!',
    '|',
    '>',
    '#',
    '%',
    '?',
    '<<',
    '__proto__',
    '1',
    'a',
    '\t',
    '---',
    '\u0000',
    '\ufeff',
    '\ud800',
  );
  fc.assert(
    fc.property(fc.array(scrap, { maxLength: 30 }), (parts) => {
      const result = parseAwl(parts.join(''));
      expect(result.ok || result.problems.length > 0).toBe(true);
    }),
    { numRuns: 3000 },
  );
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true, withNullPrototype: true }), (value) => {
      parseAwl({ workflow: value });
      parseAwl(value);
    }),
    { numRuns: 1000 },
  );
});
