import type { Installation, Organization } from './installation';

/** A workflow that is stored and published. */
export interface Published {
  organization: Organization;
  id: string;
  hook: string | undefined;
}

interface Step {
  id: string;
  uses: string;
  depends_on?: string[];
  [key: string]: unknown;
}

const after = (...steps: string[]) => (steps.length > 0 ? { depends_on: steps } : {});
const transform = (id: string, value: unknown, ...deps: string[]): Step => ({ id, uses: 'transform', ...after(...deps), with: { value } });
const ms = (time: number) => `${Math.round(time)}ms`;
const delay = (id: string, time: string, ...deps: string[]): Step => ({ id, uses: 'delay', ...after(...deps), with: { for: time } });

function effect(sink: string, id: string, deps: string[], path = id): Step {
  const body = { run: '{{ run.id }}', path, n: '{{ input.n }}' };
  return { id, uses: 'http', ...after(...deps), retry: { attempts: 5, delay: '200ms' }, with: { method: 'POST', url: `${sink}/effect`, body } };
}

/** Twenty steps: nine effects outside, a sandbox, delays short and long, a branch not taken, and expressions in between. */
export function twentySteps(sink: string, pace = 1): Step[] {
  const out = (id: string, ...deps: string[]) => effect(sink, id, deps);
  return [
    transform('begin', { n: '{{ input.n }}' }),
    out('a1', 'begin'),
    out('a2', 'begin'),
    out('a3', 'begin'),
    transform('joined', { sum: '{{ data.a1.body.n + data.a2.body.n + data.a3.body.n }}' }, 'a1', 'a2', 'a3'),
    delay('pause', ms(300 * pace), 'joined'),
    out('b1', 'pause'),
    transform('b2', { twice: '{{ data.body.n * 2 }}' }, 'b1'),
    { id: 'coded', uses: 'code', depends_on: ['joined'], with: { source: 'return { half: data.sum / 2 };', timeout: '30s' } },
    transform('b3', { both: '{{ [data.b2.twice, data.coded.half] }}' }, 'b2', 'coded'),
    out('c1', 'b3'),
    delay('long', ms(1_500 * pace), 'c1'),
    { id: 'never', uses: 'log', depends_on: ['c1'], condition: 'input.n < 0', with: { message: 'not reached' } },
    out('d1', 'long'),
    out('d2', 'long'),
    transform('d3', { n: '{{ data.d1.body.n + data.d2.body.n }}' }, 'd1', 'd2'),
    out('e1', 'd3'),
    { id: 'e2', uses: 'log', depends_on: ['e1'], with: { message: 'run {{ run.id }}' } },
    out('e3', 'e2'),
    transform('end', { run: '{{ run.id }}', n: '{{ data.body.n }}' }, 'e3'),
  ];
}

const items = 5;

/** A loop with effects inside, and a run that waits for another run: what resumes in the middle of something. */
function familySteps(sink: string, pace: number): Step[] {
  const inside = [effect(sink, 'put', [], 'put[{{ index }}]'), transform('shaped', { n: '{{ data.body.n }}', index: '{{ index }}' }, 'put')];
  return [
    transform('begin', { n: '{{ input.n }}' }),
    effect(sink, 'f1', ['begin']),
    { id: 'each', uses: 'for-each', depends_on: ['f1'], with: { items: Array.from({ length: items }, (_, i) => i), concurrency: 2 }, steps: inside },
    { id: 'call', uses: 'workflow', depends_on: ['each'], with: { workflow: 'chaos-child', input: { parent: '{{ run.id }}' } } },
    delay('pause', ms(400 * pace), 'call'),
    effect(sink, 'f2', ['pause']),
    transform('end', { run: '{{ run.id }}' }, 'f2'),
  ];
}

/** What reaches the sink in a run of each workflow, by its name: the paths of its steps. */
export function expectedEffects(sink: string): Map<string, string[]> {
  const twenty = effectsOf(twentySteps(sink));
  return new Map([
    ['chaos-accepted', twenty],
    ['chaos-answered', twenty],
    ['chaos-family', ['f1', ...Array.from({ length: items }, (_, i) => `put[${i}]`), 'f2']],
    ['chaos-child', ['touch']],
  ]);
}

/** Ids of the steps of a list that reach the sink. */
const effectsOf = (steps: Step[]): string[] => steps.filter((s) => s.uses === 'http').map((s) => s.id);

export interface Catalogue {
  /** started through REST and by hooks that answer 202 at once */
  accepted: Published[];
  /** started by hooks that answer when the run has ended */
  answered: Published[];
  /** a loop, and a run that waits for another */
  family: Published[];
  /** a step that takes its process down, at once or by exhausting its memory */
  poison: Published[];
  /** a step that exhausts the sandbox, and expressions whose output explodes: they fail, and nothing else does */
  greedy: Published[];
}

/** Publishes everything the suite runs, for each organization. */
export async function publishAll(installation: Installation, pace: number): Promise<Catalogue> {
  const sink = installation.sink.url;
  const steps = twentySteps(sink, pace);
  const output = { run: '{{ run.id }}', n: '{{ input.n }}' };
  const hook = (respond: string) => ({ triggers: [{ webhook: { method: 'POST', respond } }] });
  const poison = (name: string, path: string) => ({
    name,
    steps: [
      effect(sink, 'before', []),
      {
        id: 'poison',
        uses: 'http',
        depends_on: ['before'],
        retry: 3,
        with: { method: 'POST', url: `${sink}/poison/${path}/{{ run.id }}`, body: { run: '{{ run.id }}', path: 'poison' } },
      },
    ],
  });
  const catalogue: Catalogue = { accepted: [], answered: [], family: [], poison: [], greedy: [] };
  for (const organization of installation.organizations) {
    const add = (workflow: unknown) => publish(installation, organization, workflow);
    catalogue.accepted.push(await add({ name: 'chaos-accepted', ...hook('accepted'), steps, output }));
    catalogue.answered.push(await add({ name: 'chaos-answered', ...hook('last'), steps, output }));
    await add({ name: 'chaos-child', steps: [effect(sink, 'touch', []), delay('rest', '200ms', 'touch')].map(withoutInput) });
    catalogue.family.push(await add({ name: 'chaos-family', steps: familySteps(sink, pace), output }));
    catalogue.poison.push(await add(poison('poison-exit', 'exit')), await add(poison('poison-memory', 'memory')));
    catalogue.greedy.push(await add({ name: 'greedy-code', steps: [greedyCode] }), await add({ name: 'greedy-output', steps: greedyOutput }));
  }
  return catalogue;
}

/** A run that another one starts has no number of its own. */
function withoutInput(step: Step): Step {
  return JSON.parse(JSON.stringify(step).replace('{{ input.n }}', '0')) as Step;
}

const greedyCode: Step = { id: 'hoard', uses: 'code', with: { source: 'const all = []; for (;;) all.push(new Array(10000).fill(all.length));' } };

/** Each step doubles what it was given: a megabyte after ten of them, a terabyte after thirty. */
const greedyOutput: Step[] = Array.from({ length: 30 }, (_, i) =>
  i === 0 ? transform('double0', { text: 'x'.repeat(1_000) }) : transform(`double${i}`, { text: '{{ data.text + data.text }}' }, `double${i - 1}`),
);

async function publish({ url }: Installation, organization: Organization, workflow: unknown): Promise<Published> {
  const { id } = await call<{ id: string }>(url, organization, 'POST', '/api/v1/workflows', { definition: { workflow } });
  const { triggers } = await call<{ triggers: { url?: string }[] }>(url, organization, 'GET', `/api/v1/workflows/${id}`);
  const hook = triggers.find((t) => t.url)?.url;
  return { organization, id, hook: hook ? `${url}${new URL(hook, url).pathname}` : undefined };
}

/** Calls the REST API; throws with the answer when it is no success. */
export async function call<T>(url: string, { apiKey }: Organization, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
  return JSON.parse(text) as T;
}
