import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { defineNode, type NodeDefinition } from '@/core/node/definition';
import { parseAwl } from './awl';
import { validateWorkflow } from './validate';
import type { Problem, Workflow } from './workflow';

// generous: other suites share the machine; what is bounded here would otherwise take minutes or forever
vi.setConfig({ testTimeout: 60_000 });

const base = { title: 'T', description: 'D', category: 'flow', icon: 'Box', color: 'gray', execution: 'inline', defaults: {} } as const;
const definitions: ReadonlyMap<string, NodeDefinition> = new Map(
  (
    [
      defineNode({ ...base, type: 'pass', kind: 'step', config: z.strictObject({}) }),
      defineNode({
        ...base,
        type: 'http',
        kind: 'step',
        config: z.strictObject({
          url: z.url(),
          method: z.enum(['GET', 'POST']).optional(),
          retries: z.number().int().max(9).optional(),
          body: z.any().optional(),
        }),
      }),
      defineNode({
        ...base,
        type: 'condition',
        kind: 'step',
        config: z.strictObject({ if: z.union([z.boolean(), z.string().min(1)]) }),
        ports: [
          { id: 'true', label: '' },
          { id: 'false', label: '' },
        ],
        expressions: ['if'],
      }),
      defineNode({
        ...base,
        type: 'switch',
        kind: 'step',
        config: z.strictObject({ cases: z.array(z.strictObject({ port: z.string(), when: z.string() })) }),
        expressions: ['cases.*.when'],
        ports: ({ cases }) => (Array.isArray(cases) ? cases.map((each: { port: string }) => ({ id: each.port, label: each.port })) : []),
      }),
      defineNode({ ...base, type: 'code', kind: 'step', config: z.strictObject({ source: z.string() }), verbatim: ['source'] }),
      defineNode({ ...base, type: 'manual', kind: 'trigger', config: z.strictObject({}) }),
      defineNode({ ...base, type: 'webhook', kind: 'trigger', config: z.strictObject({ respond: z.string().optional() }) }),
    ] as NodeDefinition[]
  ).map((each) => [each.type, each]),
);

function workflow(yaml: string): Workflow {
  const parsed = parseAwl(`workflow:\n  name: test\n${yaml.replace(/^/gm, '  ')}`);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.workflow;
}
const check = (yaml: string): Problem[] => validateWorkflow(workflow(yaml), definitions);
const said = (yaml: string): string[] => check(yaml).map(({ path, message }) => `${path}: ${message}`);

describe('validateWorkflow', () => {
  it('finds nothing in a workflow that can run', () => {
    expect(
      check(`
triggers: [manual, {webhook: {respond: c}}]
input: {type: object, properties: {url: {type: string, pattern: "^https:"}}}
steps:
  - {id: a, uses: http, with: {url: "{{ input.url }}", retries: "{{ input.n }}", body: {x: ["{{ vars.y }}"]}}, on_error: {goto: z}}
  - {id: b, uses: condition, with: {if: data.ok}, depends_on: [a]}
  - {id: c, depends_on: [b.true], condition: 'steps.a.output.n > 1 && run.attempt == 1 && data.map(i, i.x).size() > 0'}
  - {id: d, uses: switch, with: {cases: [{port: big, when: data.n > 2}]}, depends_on: [b.false]}
  - {id: e, uses: code, with: {source: "return '{{ not a template'"}, depends_on: [d.big]}
  - {id: z, depends_on: [a.error]}
output: {c: "{{ steps.c.output }}"}`),
    ).toEqual([]);
  });

  it.each<[string, string, string[]]>([
    ['no steps', 'steps: []', ['workflow.steps: is empty; a workflow wants at least one step']],
    ['unknown type', 'steps: [{id: a, uses: htp}]', ['workflow.steps[0].uses: unknown node type "htp"; did you mean "http"?']],
    [
      'a trigger as a step',
      'steps: [{id: a, uses: manual}]',
      ['workflow.steps[0].uses: "manual" is no type of step; it is a trigger and belongs under triggers'],
    ],
    ['unknown trigger', 'triggers: [webhok]\nsteps: [{id: a}]', ['workflow.triggers[0]: unknown trigger type "webhok"; did you mean "webhook"?']],
    [
      'answer of a step that is not there',
      'triggers: [{webhook: {respond: fetsh}}]\nsteps: [{id: fetch}]',
      ['workflow.triggers[0].webhook.respond: wants accepted, last or the id of a step; there is no step "fetsh"; did you mean "fetch"?'],
    ],
    ['duplicate ids', 'steps: [{id: a}, {id: a}]', ['workflow.steps[1].id: the id "a" is also that of workflow.steps[0]']],
    [
      'unknown step',
      'steps: [{id: fetch}, {id: b, depends_on: [fecth]}]',
      ['workflow.steps[1].depends_on[0]: there is no step "fecth"; did you mean "fetch"?'],
    ],
    [
      'unknown port',
      'steps: [{id: a, uses: condition, with: {if: "true"}}, {id: b, depends_on: [a.tru]}]',
      ['workflow.steps[1].depends_on[0]: the step "a" has no exit "tru"; did you mean "true"?'],
    ],
    [
      'port of a node that has none',
      'steps: [{id: a}, {id: b, depends_on: [a.out]}]',
      ['workflow.steps[1].depends_on[0]: the step "a" has no exit "out"; a pass step has a single exit, so write "a"'],
    ],
    ['listed twice', 'steps: [{id: a}, {id: b, depends_on: [a, a]}]', ['workflow.steps[1].depends_on[1]: "a" is listed twice']],
    [
      'error exit that is never taken',
      'steps: [{id: a}, {id: b, depends_on: [a.error]}]',
      ['workflow.steps[1].depends_on[0]: "a" never leaves by its error exit to here; give it on_error: {goto: b}'],
    ],
    [
      'goto nowhere',
      'steps: [{id: a, on_error: {goto: alert}}]',
      ['workflow.steps[0].on_error.goto: there is no step "alert"; the steps are a; until it exists, "a" fails the run when it fails, as with on_error: fail'],
    ],
    ['goto itself', 'steps: [{id: a, on_error: {goto: a}}]', ['workflow.steps[0].on_error.goto: leads to the step itself; use retry to try again']],
    [
      'cycle',
      'steps: [{id: a, depends_on: [c]}, {id: b, depends_on: [a]}, {id: c, depends_on: [b]}]',
      ['workflow.steps[1].depends_on: these steps wait for each other: b → c → a → b'],
    ],
    [
      'cycle through a goto',
      'steps: [{id: a}, {id: b, depends_on: [a], on_error: {goto: a}}]',
      ['workflow.steps[1].depends_on: these steps wait for each other: b → a → b'],
    ],
    ['depends on itself', 'steps: [{id: a, depends_on: [a]}]', ['workflow.steps[0].depends_on: the step "a" depends on itself']],
    [
      'condition',
      'steps: [{id: a, condition: "data.x = 1"}]',
      ['workflow.steps[0].condition: a single `=` compares nothing; write `==` (column 8 of `data.x = 1`)'],
    ],
    [
      'expression setting',
      'steps: [{id: a, uses: condition, with: {if: "data. > 1"}}]',
      [expect.stringMatching(/^workflow\.steps\[0\]\.with\.if: expected a name/) as unknown as string],
    ],
    [
      'expression in a list',
      'steps: [{id: a, uses: switch, with: {cases: [{port: p, when: "("}]}}]',
      [expect.stringMatching(/^workflow\.steps\[0\]\.with\.cases\[0\]\.when: unexpected token: the end/) as unknown as string],
    ],
    [
      'template',
      'steps: [{id: a, uses: http, with: {url: "https://x/{{ data.n }", body: {a: ["{{ summ(data) }}"]}}}]',
      [
        expect.stringMatching(/^workflow\.steps\[0\]\.with\.url: `\{\{` has no matching/) as unknown as string,
        'workflow.steps[0].with.body.a[0]: unknown function "summ"; did you mean "sum"? (column 1 of `summ(data)`)',
      ],
    ],
    [
      'pattern',
      'steps: [{id: a, condition: "data.x.matches(\'(?!a)\')"}]',
      [expect.stringMatching(/^workflow\.steps\[0\]\.condition: the pattern "\(\?!a\)" cannot be used/) as unknown as string],
    ],
    [
      'unknown name',
      'steps: [{id: fetch, condition: "dta.ok"}, {id: b, depends_on: [fetch], condition: "fetch.ok"}]',
      [
        'workflow.steps[0].condition: unknown name "dta"; did you mean "data"?',
        'workflow.steps[1].condition: unknown name "fetch"; the output of that step is steps.fetch.output',
      ],
    ],
    [
      'unknown step in an expression',
      'steps: [{id: fetch-all}, {id: b, condition: "steps.fetch.output || steps.nix.output", depends_on: [fetch-all]}]',
      [
        'workflow.steps[1].condition: there is no step "fetch"; the id of a step with a - is written in brackets: steps["fetch-all"]',
        'workflow.steps[1].condition: there is no step "nix"; the steps are fetch-all, b',
      ],
    ],
    [
      'field of a step',
      'steps: [{id: a}, {id: b, depends_on: [a], condition: "steps.a.body == 1"}]',
      ['workflow.steps[1].condition: steps.a has output, status and error, no "body"; did you mean steps.a.output.body?'],
    ],
    [
      'step that comes later',
      'steps: [{id: a, condition: "steps.b.output"}, {id: b}]',
      ['workflow.steps[0].condition: the step "b" may not have run yet when this is evaluated; depend on it'],
    ],
    ['output', 'steps: [{id: a}]\noutput: {x: "{{ steps.b.output }}"}', ['workflow.output.x: there is no step "b"; the steps are a']],
    [
      'settings',
      'steps: [{id: a, uses: http, with: {url: nope, methd: GET, retries: 12}}]',
      [
        'workflow.steps[0].with.url: wants a URL',
        'workflow.steps[0].with.retries: wants at most 9',
        'workflow.steps[0].with.methd: unknown key "methd"; did you mean "method"?',
      ],
    ],
    ['missing settings', 'steps: [{id: a, uses: http}]', ['workflow.steps[0].with.url: is missing; wants a text']],
    [
      'schema of the input',
      'input: {type: object, properties: {a: {pattern: "(?<=x)"}}}\nsteps: [{id: a}]',
      [expect.stringMatching(/^workflow\.input\.properties\.a\.pattern: the pattern/) as unknown as string],
    ],
  ])('%s', (_name, yaml, expected) => {
    expect(said(yaml)).toEqual(expected);
  });

  it('names the step and tells warnings from errors', () => {
    expect(check('steps: [{id: a, on_error: {goto: alert}}]')).toMatchObject([{ step: 'a', severity: 'warning' }]);
    expect(check('steps: [{id: a, condition: "steps.b.output"}, {id: b, uses: x}]').map(({ step, severity }) => [step, severity])).toEqual([
      ['a', 'warning'],
      ['b', 'error'],
    ]);
  });

  it('is quick with large and hopeless workflows', () => {
    const steps = Array.from({ length: 1000 }, (_, i) => ({
      id: `s${i}`,
      uses: 'pass',
      with: {},
      dependsOn: Array.from({ length: Math.min(i, 100) }, (_x, k) => ({ step: `s${i - k - 1}` })),
      condition: `steps.s0.output == ${i} && steps.s999.output == 1`,
    }));
    const start = performance.now();
    validateWorkflow({ name: 'a', triggers: [], settings: {}, layout: {}, steps }, definitions);
    expect(performance.now() - start).toBeLessThan(15_000);
    const wrong = steps.map((each, i) => ({ ...each, id: `x${i}`, uses: `nothing${i}`, condition: `nix${i}.a(` }));
    const again = performance.now();
    expect(validateWorkflow({ name: 'a', triggers: [], settings: {}, layout: {}, steps: wrong }, definitions)).toHaveLength(200);
    expect(performance.now() - again).toBeLessThan(15_000);
    expect(validateWorkflow({ name: 'a', triggers: [], settings: {}, layout: {}, steps: [...steps, ...wrong] }, definitions)).toHaveLength(1);
  });
});
