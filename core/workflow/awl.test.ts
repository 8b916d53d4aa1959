import { describe, expect, it, vi } from 'vitest';
import { formatAwl, parseAwl, toAwlDocument } from './awl';
import type { Problem, Workflow } from './workflow';

// generous: other suites share the machine; what is bounded here would otherwise take minutes or forever
vi.setConfig({ testTimeout: 60_000 });

function parsed(source: unknown): Workflow {
  const result = parseAwl(source);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.workflow;
}
function problems(source: unknown): Problem[] {
  const result = parseAwl(source);
  return result.ok ? [] : result.problems;
}
const said = (source: unknown) => problems(source).map(({ path, message }) => `${path}: ${message}`);

const contract = `
workflow:
  name: data-pipeline            # slug; the only required key besides steps
  title: Data pipeline
  description: Fetches, checks and reports.
  input: {type: object, properties: {url: {type: string}}, required: [url]}
  triggers:
    - webhook: {method: POST, respond: last}
    - schedule: {cron: "0 9 * * *", timezone: Europe/Berlin}
    - event: "order.*"
    - manual
  settings: {timeout: 10m, concurrency: 5, priority: 0}
  sla: {maxDuration: 5m, successRate: 99.5, window: 30d}
  steps:
    - id: fetch
      uses: http
      with: {method: GET, url: "{{ input.url }}"}
      timeout: 30s
      retry: 3
      on_error: {goto: alert}
    - id: alert
    - id: validate
      depends_on: [fetch, check.true]
      condition: "data.valid == true"
      on_error: {fallback: {a: 1}}
    - id: summarise
      agent: analyst
      with: {task: Sum up.}
      depends_on: validate
      retry: {attempts: 2, backoff: fixed, delay: 1s}
  output: "{{ steps.summarise.output }}"
`;

describe('parsing', () => {
  it('reads the language of the contract', () => {
    const workflow = parsed(contract);
    expect(workflow).toMatchObject({
      name: 'data-pipeline',
      triggers: [
        { type: 'webhook', with: { method: 'POST', respond: 'last' } },
        { type: 'schedule', with: { cron: '0 9 * * *', timezone: 'Europe/Berlin' } },
        { type: 'event', with: { pattern: 'order.*' } },
        { type: 'manual', with: {} },
      ],
      settings: { timeout: 600_000, concurrency: 5, priority: 0 },
      sla: { maxDuration: 300_000, successRate: 99.5, window: 2_592_000_000 },
      output: '{{ steps.summarise.output }}',
      layout: {},
    });
    expect(workflow.steps[0]).toEqual({
      id: 'fetch',
      uses: 'http',
      with: { method: 'GET', url: '{{ input.url }}' },
      dependsOn: [],
      timeout: 30_000,
      retry: { attempts: 3, backoff: 'exponential', delay: 1000, maxDelay: 60_000 },
      onError: { kind: 'goto', step: 'alert' },
    });
    expect(workflow.steps[1]).toEqual({ id: 'alert', uses: 'pass', with: {}, dependsOn: [] });
    expect(workflow.steps[2]).toMatchObject({
      dependsOn: [{ step: 'fetch' }, { step: 'check', port: 'true' }],
      condition: 'data.valid == true',
      onError: { kind: 'fallback', value: { a: 1 } },
    });
    expect(workflow.steps[3]).toMatchObject({
      uses: 'agent',
      with: { agent: 'analyst', task: 'Sum up.' },
      dependsOn: [{ step: 'validate' }],
      retry: { attempts: 2, backoff: 'fixed', delay: 1000, maxDelay: 60_000 },
    });
  });

  it("reads the mission's own sample, with steps beside or under the workflow, as YAML, JSON or a document", () => {
    const steps = '[{id: fetch, agent: analyst, timeout: 30s, retry: 3}, {id: validate, depends_on: [fetch], condition: "data.valid == true"}]';
    const beside = parsed(`workflow: {name: data-pipeline}\nsteps: ${steps}`);
    const under = parsed(`workflow: {name: data-pipeline, steps: ${steps}}`);
    expect(beside).toEqual(under);
    expect(beside.steps).toMatchObject([
      { uses: 'agent', with: { agent: 'analyst' }, timeout: 30_000 },
      { uses: 'pass', dependsOn: [{ step: 'fetch' }] },
    ]);
    expect(parsed(JSON.stringify(toAwlDocument(beside)))).toEqual(beside);
    expect(parsed(toAwlDocument(beside))).toEqual(beside);
  });

  it('takes a condition in braces, or a plain boolean', () => {
    const condition = (text: string) => parsed(`workflow: {name: a, steps: [{id: b, condition: ${text}}]}`).steps[0]?.condition;
    expect(condition('"{{ data.ok }}"')).toBe('data.ok');
    expect(condition('false')).toBe('false');
  });
});

describe('problems name the place', () => {
  it.each<[string, string[]]>([
    ['', [': is empty; it wants a workflow']],
    ['- 1', [': wants an object with the key `workflow`']],
    ['name: a\nsteps: []', ['workflow: is missing; put name and steps under the key `workflow`']],
    ['workflow: {name: a}', ['workflow.steps: is missing; wants a list of steps']],
    ['workflow: {name: a, steps: []}\nsteps: []', ['steps: stands both beside and under `workflow`; keep one']],
    ['workflow: {name: A B, steps: []}', ['workflow.name: wants small letters, digits and -, as in data-pipeline']],
    ['workflow: {name: a, steps: [{id: b, dependsOn: [c]}]}', ['workflow.steps[0].dependsOn: unknown key "dependsOn"; did you mean "depends_on"?']],
    ['workflow: {name: a, steps: [{id: b, depends_on: [c, "d e"]}]}', ['workflow.steps[0].depends_on[1]: wants the id of a step, or step.port']],
    ['workflow: {name: a, steps: [{id: b, timeout: 30}]}', ['workflow.steps[0].timeout: wants a duration with its unit: 30s, 10m, 1h30m, 2d, this is 30']],
    ['workflow: {name: a, steps: [{id: b, uses: http, agent: x}]}', ['workflow.steps[0].agent: has both uses and agent; keep one']],
    [
      'workflow: {name: a, steps: [{id: b, retry: {attempts: 1, every: 2s}}]}',
      ['workflow.steps[0].retry.every: unknown key "every"; the keys here are attempts, backoff, delay, maxDelay'],
    ],
    [
      'workflow: {name: a, steps: [{id: b, on_error: retry}]}',
      ['workflow.steps[0].on_error: wants fail, continue, skip, compensate, {fallback: VALUE}, {goto: STEP} or {version: N}'],
    ],
    ['workflow: {name: a, triggers: [{a: {}, b: {}}], steps: []}', ['workflow.triggers[0]: wants exactly one key, the type of the trigger']],
    ['workflow:\n  name: a\n  name: b', ['workflow.name: line 3, column 3: the key "name" is written twice']],
    ['workflow:\n  name: "a\n  b: [', [': line 3, column 7: missing closing "quote']],
    ['workflow: {<<: {a: 1}}', ['workflow["<<"]: line 1, column 12: merge keys (<<) are not supported']],
    ['workflow: {name: !!js/function x}', [expect.stringMatching(/line 1, column 18: unresolved tag/) as unknown as string]],
    ['workflow: {__proto__: {a: 1}}', ['workflow.__proto__: line 1, column 12: the key "__proto__" is not allowed']],
    ['{"workflow": {"constructor": 1}}', ['workflow.constructor: the key "constructor" is not allowed']],
  ])('%j', (source, expected) => {
    expect(said(source).slice(0, 1)).toEqual(expected);
  });

  it('names the step', () => {
    expect(problems('workflow: {name: a, steps: [{id: b}, {id: c, retry: -1}]}')).toEqual([
      { path: 'workflow.steps[1].retry', message: 'wants 0 or more', severity: 'error', step: 'c' },
    ]);
  });

  it('takes only plain JSON as a document', () => {
    expect(said({ workflow: { name: 'a', steps: [{ id: 'b', with: { x: new Date() } }] } })).toEqual(['workflow.steps[0].with.x: is not plain JSON']);
    expect(said({ workflow: { name: 'a', steps: [{ id: 'b', with: { x: Number.NaN } }] } })).toEqual([
      'workflow.steps[0].with.x: is not a number that JSON can hold',
    ]);
    expect(said(JSON.parse('{"workflow": {"steps": [{"with": {"__proto__": {"a": 1}}}]}}'))).toEqual([
      'workflow.steps[0].with.__proto__: the key "__proto__" is not allowed',
    ]);
    expect(said(null)).toEqual([': wants an object with the key `workflow`']);
  });
});

describe('limits', () => {
  const laughs = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(8)}]`).join('\n');
  it.each<[string, string, RegExp]>([
    ['bytes', `workflow: {name: ${'a'.repeat(1_100_000)}}`, /larger than 1 MB/],
    ['bytes of wide characters', `workflow: {name: ${'é'.repeat(600_000)}}`, /larger than 1 MB/],
    ['depth', `workflow: ${'['.repeat(70)}${']'.repeat(70)}`, /nested deeper than 64/],
    ['depth of JSON', `{"workflow": ${'['.repeat(70)}${']'.repeat(70)}}`, /nested deeper than 64/],
    ['depth of a bomb', '['.repeat(240_000), /line|nested/],
    ['intricacy', '['.repeat(500_000), /too intricate/],
    ['values', `workflow: [${'1,'.repeat(60_000)}]`, /more than 50,000 values/],
    ['steps', `workflow: {name: a, steps: [${'{id: a},'.repeat(1001)}]}`, /at most 1,000 steps/],
    ['aliases', `a: &a 1\nb: [${'*a, '.repeat(101)}]`, /more than 100 aliases/],
    ['billion laughs', `a0: &a0 [${'x, '.repeat(100)}]\n${laughs}`, /more than 50,000 values/],
    ['recursive alias', 'a: &a [*a]', /has no anchor before it/],
    ['wide maps are linear', `workflow: {${Array.from({ length: 40_000 }, (_, i) => `k${i}: 1`).join(', ')}}`, /more than|unknown key|is missing/],
  ])(
    '%s',
    (_name, source, message) => {
      const start = performance.now();
      expect(said(source)[0]).toMatch(message);
      expect(performance.now() - start).toBeLessThan(15_000);
    },
    60_000,
  );
});

it('formats what people like to read', () => {
  expect(formatAwl(parsed(contract))).toBe(`workflow:
  name: data-pipeline
  title: Data pipeline
  description: Fetches, checks and reports.
  input:
    type: object
    properties:
      url:
        type: string
    required:
      - url
  triggers:
    - webhook:
        method: POST
        respond: last
    - schedule:
        cron: 0 9 * * *
        timezone: Europe/Berlin
    - event: order.*
    - manual
  settings:
    timeout: 10m
    concurrency: 5
    priority: 0
  sla:
    maxDuration: 5m
    successRate: 99.5
    window: 30d
  steps:
    - id: fetch
      uses: http
      with:
        method: GET
        url: "{{ input.url }}"
      timeout: 30s
      retry: 3
      on_error:
        goto: alert
    - id: alert
    - id: validate
      depends_on: [fetch, check.true]
      condition: data.valid == true
      on_error:
        fallback:
          a: 1
    - id: summarise
      agent: analyst
      with:
        task: Sum up.
      depends_on: [validate]
      retry:
        attempts: 2
        backoff: fixed
        delay: 1s
        maxDelay: 1m
  output: "{{ steps.summarise.output }}"
`);
});
