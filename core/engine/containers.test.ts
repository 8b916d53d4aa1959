import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineNode, type NodeDefinition } from '@/core/node/definition';
import type { Json, Step, Workflow } from '@/core/workflow/workflow';
import type { Command } from './commands';
import { hasToUndo } from './compensation';
import type { RunEvent, RunEventBody } from './events';
import { compileGraph, type Graph } from './graph';
import { loopOutput } from './loop';
import { outstanding } from './outstanding';
import { pathOf } from './path';
import { outputOf } from './scope';
import { type Frame, initialState, type RunState } from './state';
import { step } from './step';

const node = (type: string, more: Partial<NodeDefinition> = {}) =>
  defineNode({
    type,
    title: type,
    description: '',
    category: 'flow',
    icon: 'Box',
    color: 'blue',
    kind: 'step',
    config: z.looseObject({}),
    defaults: {},
    execution: 'task',
    ...more,
  });
const definitions = new Map<string, NodeDefinition>([
  ['work', node('work')],
  ['each', node('each', { container: 'for-each' })],
]);
const workflow = (steps: Step[], settings = {}): Workflow => ({ name: 'w', triggers: [], settings, layout: {}, steps });
const stepOf = (id: string, more: Partial<Step> = {}): Step => ({ id, uses: 'work', with: {}, dependsOn: [], ...more });

type Fate = 'ok' | 'fail' | 'skip' | 'signal' | 'retry';

/**
 * A host with everything left to chance (`pick`): which command is next, which task ends first, when signals come, when it crashes. Fates are by path.
 * What it logs is what a real host logs.
 */
class Host {
  state: RunState;
  readonly log: RunEvent[] = [];
  /** executions by path after which nothing was settled yet, and signals sent */
  readonly settledTwice: string[] = [];
  private readonly settled = new Set<string>();
  private readonly sent = new Set<string>();
  private open: Command[] = [];
  private tasks: { path: string; attempt: number }[] = [];
  ended = false;

  constructor(
    readonly graph: Graph,
    private readonly fate: (path: string) => Fate,
    private readonly items: (path: string) => number,
    private readonly pick: (n: number) => number,
    private crashes: number,
  ) {
    this.state = initialState(graph);
  }

  run(): this {
    this.emit({ type: 'run.started' });
    for (let i = 0; i < 20_000 && !this.ended; i++) {
      if (this.crashes > 0 && this.pick(12) === 0) this.crash();
      const doomed = this.state.failure && !this.state.undoing;
      if (doomed) this.doom();
      const n = this.pick(this.open.length + this.tasks.length + 1);
      if (n < this.open.length) this.handle(this.open.splice(n, 1)[0] as Command);
      else if (n - this.open.length < this.tasks.length) this.endTask(this.tasks.splice(n - this.open.length, 1)[0] as { path: string; attempt: number });
      else this.sendOne();
    }
    return this;
  }

  private crash(): void {
    this.crashes--;
    this.state = initialState(this.graph);
    for (const event of this.log) step(this.state, event);
    this.tasks = [];
    this.open = outstanding(this.state);
  }

  private emit(body: RunEventBody, act = true): void {
    const event = { ...body, seq: this.log.length + 1, at: this.log.length } as RunEvent;
    this.log.push(event);
    if (event.type === 'step.succeeded') {
      if (this.settled.has(event.path)) this.settledTwice.push(event.path);
      this.settled.add(event.path);
    }
    const commands = step(this.state, event);
    if (act) this.open.push(...commands);
  }

  /** As RunExecution does: a failed run ends at once, or undoes. */
  private doom(): void {
    this.cancel(this.state);
    this.open = [];
    if (hasToUndo(this.state)) this.emit({ type: 'run.compensating', error: this.state.failure });
    else this.finish();
  }

  private cancel(frame: Frame): void {
    frame.steps.forEach((s, index) => {
      if (s.status !== 'running' && s.status !== 'waiting') return;
      for (const inner of s.loop?.frames.values() ?? []) this.cancel(inner);
      const path = pathOf(frame, index);
      this.tasks = this.tasks.filter((t) => t.path !== path);
      this.emit({ type: 'step.cancelled', path }, false);
    });
  }

  private finish(): void {
    this.ended = true;
    this.emit(this.state.failure ? { type: 'run.failed', error: this.state.failure } : { type: 'run.succeeded', output: null });
  }

  private handle(command: Command): void {
    if (command.do === 'finish') {
      if (this.state.failure && !this.state.undoing) return this.doom();
      if (this.state.active === 0 || this.state.undoing) this.finish();
      return;
    }
    if (command.do === 'endItem') return this.endItem(command.frame);
    const { frame, index } = command;
    const path = pathOf(frame, index);
    const s = frame.steps[index];
    const graphStep = frame.graph.steps[index];
    if (!s || !graphStep) return;
    if (command.do === 'skip') return this.emit({ type: 'step.skipped', path, reason: 'upstream' });
    if (command.do === 'wake') return void this.open.push({ do: 'execute', frame, index, attempt: s.attempt + 1 });
    if (command.do === 'deliver') {
      if (s.delivered) this.emit({ type: 'step.succeeded', path, attempt: 1, startedAt: 0, output: s.delivered.data });
      return;
    }
    if (command.do === 'endLoop') return this.endLoop(frame, index, path);
    if (command.do !== 'execute') return;
    const dropped = (at: Frame): boolean =>
      at.parent !== undefined && (at.parent.frame.steps[at.parent.index]?.loop?.frames.get(at.index ?? -1) !== at || dropped(at.parent.frame));
    if (!this.state.undoing && (this.state.failure || frame.failure || dropped(frame))) return;
    const input = graphStep.body
      ? { items: Array.from({ length: this.items(path) }, (_, i) => i), concurrency: 1 + (path.length % 3), errors: path.length % 2 === 0 ? 'collect' : 'fail' }
      : null;
    this.emit({ type: 'step.started', path, attempt: command.attempt, input });
    if (!graphStep.body) this.tasks.push({ path, attempt: command.attempt });
  }

  private endItem(frame: Frame): void {
    const { parent, index = 0 } = frame;
    if (!parent || parent.frame.steps[parent.index]?.loop?.frames.get(index) !== frame) return;
    const path = `${pathOf(parent.frame, parent.index)}[${index}]`;
    if (frame.failure) {
      this.cancel(frame);
      this.emit({ type: 'item.failed', path, error: frame.failure });
    } else if (frame.unsettled === 0) this.emit({ type: 'item.succeeded', path, output: outputOf(frame, {} as never) });
  }

  private endLoop(frame: Frame, index: number, path: string): void {
    const loop = frame.steps[index]?.loop;
    if (!loop) return;
    if (loop.failure) {
      for (const inner of loop.frames.values()) this.cancel(inner);
      this.fail(path, frame, index, 1);
    } else if (loop.frames.size === 0) this.emit({ type: 'step.succeeded', path, attempt: 1, startedAt: 0, output: loopOutput(loop) });
  }

  private fail(path: string, frame: Frame, index: number, attempt: number): void {
    const kind = frame.graph.steps[index]?.onError.kind;
    const handled = kind === 'continue' || kind === 'skip' ? { handled: kind } : {};
    this.emit({ type: 'step.failed', path, attempt, startedAt: 0, error: { code: 'x', message: path }, ...handled });
  }

  private endTask({ path, attempt }: { path: string; attempt: number }): void {
    const undo = this.state.undoing?.current;
    const id = path.replace(/\[.*/, '');
    const graphStep = this.graph.all.get(id);
    if (!graphStep) return;
    const base = { path, attempt, startedAt: 0 };
    const fate = undo ? 'ok' : this.fate(path);
    if (fate === 'ok' || (fate === 'retry' && attempt > 1)) this.emit({ type: 'step.succeeded', ...base, output: path });
    else if (fate === 'skip') this.emit({ type: 'step.skipped', path, reason: 'condition' });
    else if (fate === 'retry') this.emit({ type: 'step.failed', ...base, error: { code: 'x', message: '' }, retryAt: 1 });
    else if (fate === 'signal') this.emit({ type: 'step.waiting', ...base, wait: { kind: 'signal', signal: path } });
    else {
      const kind = graphStep.onError.kind;
      this.emit({ type: 'step.failed', ...base, error: { code: 'x', message: path }, ...(kind === 'continue' || kind === 'skip' ? { handled: kind } : {}) });
    }
  }

  /** Somebody signals a step, perhaps before it waits. */
  private sendOne(): void {
    const started = this.log.flatMap((e) => (e.type === 'step.started' && this.fate(e.path) === 'signal' && !this.sent.has(e.path) ? [e.path] : []));
    const path = started[this.pick(started.length || 1)];
    if (path === undefined) return;
    this.sent.add(path);
    this.emit({ type: 'signal.received', name: path, data: path });
  }
}

interface Expected {
  statuses: Map<string, string>;
  failed: boolean;
}

/** The rules, as naively as can be, for one level. Within a level that fails only the failure is certain: what else ran is a matter of order. */
function naive(steps: Step[], suffix: string, fate: (path: string) => Fate, items: (path: string) => number, into: Map<string, string>): boolean {
  const status = new Map<string, string>();
  const below = new Map<string, string>();
  let failed = false;
  for (const s of steps) {
    const path = s.id + suffix;
    const active = s.dependsOn.filter((d) => ['succeeded', 'continued'].includes(status.get(d.step) ?? '')).length;
    const need = s.join === 'any' ? 1 : (s.join ?? 1);
    if (s.dependsOn.length > 0 && active < need) {
      status.set(s.id, 'skipped');
      continue;
    }
    let bad = !s.steps && fate(path) === 'fail';
    if (s.steps) {
      const collect = path.length % 2 === 0;
      const inner = new Map<string, string>();
      for (let i = 0; i < items(path); i++) if (naive(s.steps, `${suffix}[${i}]`, fate, items, inner) && !collect) bad = true;
      if (!bad) for (const [at, value] of inner) below.set(at, value);
    }
    const kind = s.onError?.kind;
    status.set(
      s.id,
      bad ? (kind === 'continue' ? 'continued' : kind === 'skip' ? 'skipped' : 'failed') : !s.steps && fate(path) === 'skip' ? 'skipped' : 'succeeded',
    );
    if (status.get(s.id) === 'failed') failed = true;
  }
  if (!failed) for (const [at, value] of below) into.set(at, value);
  if (!failed) for (const [id, value] of status) into.set(id + suffix, value === 'continued' ? 'failed' : value);
  return failed;
}

const levelSizes = { top: 6, inner: 3 };
let counter = 0;
const level = (n: number, depth: number): fc.Arbitrary<Step[]> =>
  fc
    .array(
      fc.record({
        deps: fc.array(fc.nat(n - 1), { maxLength: 3 }),
        join: fc.constantFrom(undefined, undefined, 'any' as const, 2),
        error: fc.constantFrom('fail', 'continue', 'skip') as fc.Arbitrary<'fail' | 'continue' | 'skip'>,
        body:
          depth > 0
            ? fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: level(levelSizes.inner, depth - 1) })
            : fc.constant(undefined),
      }),
      { minLength: 1, maxLength: n },
    )
    .map((raw) => {
      const ids = raw.map(() => `s${counter++}`);
      return raw.map(({ deps, join, error, body }, i) => ({
        ...stepOf(ids[i] as string, body ? { uses: 'each', steps: body } : {}),
        dependsOn: [...new Set(deps.filter((d) => d < i))].map((d) => ({ step: ids[d] as string })),
        ...(join === undefined ? {} : { join }),
        onError: { kind: error },
      }));
    });

const seeded = (seed: number) => {
  let x = (seed % 2_147_483_646) + 1;
  return (n: number) => {
    x = (x * 48_271) % 2_147_483_647;
    return x % n;
  };
};
/** the same for a path whatever the order of execution */
const byPath = (seed: number) => (path: string) => {
  let h = seed + 7;
  for (const c of path.replace(/^s\d+/, (id) => `s${Number(id.slice(1)) % 97}`)) h = (h * 31 + c.charCodeAt(0)) % 1_000_003;
  return h;
};
const fates: Fate[] = ['ok', 'ok', 'ok', 'fail', 'skip', 'signal', 'retry'];

function statuses(log: RunEvent[]): Map<string, string> {
  const result = new Map<string, string>();
  for (const e of log) {
    if (e.type === 'step.succeeded') result.set(e.path, 'succeeded');
    else if (e.type === 'step.skipped') result.set(e.path, 'skipped');
    else if (e.type === 'step.failed' && e.retryAt === undefined) result.set(e.path, e.handled === 'skip' ? 'skipped' : 'failed');
  }
  return result;
}

describe('loops, joins, waits and failures, in any order, with crashes anywhere', () => {
  it('come to what the rules say, and settle nothing twice', () => {
    fc.assert(
      fc.property(level(levelSizes.top, 2), fc.nat(1_000_000), fc.nat(1_000_000), fc.nat(4), (steps, seed, order, crashes) => {
        const hash = byPath(seed);
        const fate = (path: string) => fates[hash(path) % fates.length] as Fate;
        const items = (path: string) => hash(`${path}#`) % 4;
        const expected: Expected = { statuses: new Map(), failed: false };
        expected.failed = naive(steps, '', fate, items, expected.statuses);
        const host = new Host(compileGraph(workflow(steps), definitions), fate, items, seeded(order), crashes).run();
        expect(host.ended).toBe(true);
        expect(host.state.status).toBe(expected.failed ? 'failed' : 'succeeded');
        expect(host.settledTwice).toEqual([]);
        const folded = initialState(host.graph);
        for (const event of host.log) step(folded, event);
        expect(folded).toEqual(host.state);
        if (expected.failed) return;
        const found = statuses(host.log);
        for (const [path, status] of expected.statuses) expect([path, found.get(path)]).toEqual([path, status]);
        expect(host.state.waits.size).toBe(0);
      }),
      { numRuns: 600 },
    );
  });

  it('undoes each completed step once, the last first, with crashes anywhere', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(1_000_000), fc.nat(5), (n, order, crashes) => {
        const steps: Step[] = [];
        for (let i = 0; i < n; i++) {
          steps.push(stepOf(`do${i}`, { dependsOn: i > 0 ? [{ step: `do${i - 1}` }] : [], compensate: `undo${i}` }), stepOf(`undo${i}`));
        }
        steps.push(stepOf('fail', { dependsOn: [{ step: `do${n - 1}` }], onError: { kind: 'compensate' } }));
        const graph = compileGraph(workflow(steps), definitions);
        const host = new Host(
          graph,
          (path) => (path === 'fail' ? 'fail' : 'ok'),
          () => 0,
          seeded(order),
          crashes,
        ).run();
        expect(host.ended && host.state.status).toBe('failed');
        expect(host.settledTwice).toEqual([]);
        const undone = host.log.flatMap((e) => (e.type === 'step.succeeded' && e.path.startsWith('undo') ? [e.path] : []));
        expect(undone).toEqual(Array.from({ length: n }, (_, i) => `undo${n - 1 - i}`));
      }),
      { numRuns: 200 },
    );
  });

  it('keeps only the iterations under way in memory', () => {
    const graph = compileGraph(workflow([stepOf('each', { uses: 'each', steps: [stepOf('a')] })]), definitions);
    const state = initialState(graph);
    let seq = 0;
    const emit = (body: RunEventBody) => step(state, { ...body, seq: ++seq, at: 0 } as RunEvent);
    emit({ type: 'run.started' });
    emit({
      type: 'step.started',
      path: 'each',
      attempt: 1,
      input: { items: Array.from({ length: 10_000 }, (_, i) => i as Json), concurrency: 8, results: false },
    });
    for (let i = 0; i < 10_000; i++) {
      expect(state.steps[0]?.loop?.frames.size).toBeLessThanOrEqual(8);
      emit({ type: 'step.succeeded', path: `a[${i}]`, attempt: 1, startedAt: 0, output: i });
      emit({ type: 'item.succeeded', path: `each[${i}]`, output: i });
    }
    expect(state.steps[0]?.loop).toMatchObject({ ended: 10_000, results: [] });
    expect(state.steps[0]?.loop?.frames.size).toBe(0);
  });
});
