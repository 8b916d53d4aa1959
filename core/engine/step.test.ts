import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineNode } from '@/core/node/definition';
import type { Step, Workflow } from '@/core/workflow/workflow';
import type { Command } from './commands';
import type { RunEvent, RunEventBody } from './events';
import { compileGraph, type Graph } from './graph';
import { outstanding } from './outstanding';
import { initialState, type RunState } from './state';
import { step } from './step';

const work = defineNode({
  type: 'work',
  title: 'Work',
  description: '',
  category: 'data',
  icon: 'Box',
  color: 'blue',
  kind: 'step',
  config: z.looseObject({}),
  defaults: {},
  execution: 'task',
});
const definitions = new Map([['work', work]]);

function workflow(steps: (Partial<Step> & { id: string })[]): Workflow {
  return { name: 'w', triggers: [], settings: {}, layout: {}, steps: steps.map((s) => ({ uses: 'work', with: {}, dependsOn: [], ...s })) };
}

type Fate = { kind: 'ok'; port?: string } | { kind: 'fail' } | { kind: 'skip' } | { kind: 'retry' };

/** Drives the interpreter with a fixed fate per step; the order in which steps end is chosen by `pick`. Returns the log and the final state. */
function drive(graph: Graph, fates: Fate[], pick: (n: number) => number, crashAfter = Number.POSITIVE_INFINITY) {
  let state = initialState(graph);
  const log: RunEvent[] = [];
  const executed: string[] = [];
  let open: Command[] = [];
  const emit = (body: RunEventBody) => {
    const event = { ...body, seq: log.length + 1, at: log.length } as RunEvent;
    log.push(event);
    open.push(...step(state, event));
  };
  const retried = new Set<number>();
  emit({ type: 'run.started' });
  for (let guard = 0; open.length > 0 && guard < 10_000; guard++) {
    if (log.length >= crashAfter) {
      crashAfter = Number.POSITIVE_INFINITY;
      state = initialState(graph);
      for (const event of log) step(state, event);
      open = outstanding(state);
      continue;
    }
    const command = open.splice(pick(open.length), 1)[0] as Command;
    if (command.do === 'finish') {
      if (state.active === 0) return { state, log, executed, finished: true };
      continue;
    }
    if (!('index' in command)) continue;
    const node = graph.steps[command.index];
    const id = node?.id ?? '';
    if (command.do === 'skip') emit({ type: 'step.skipped', path: id, reason: 'upstream' });
    else if (command.do === 'wake') open.push({ do: 'execute', frame: state, index: command.index, attempt: 2 });
    else if (command.do === 'execute') {
      if (state.failure) continue;
      executed.push(id);
      const fate = fates[command.index] as Fate;
      const base = { path: id, attempt: command.attempt, startedAt: 0 };
      const error = { code: 'x', message: 'x' };
      if (fate.kind === 'ok') emit({ type: 'step.succeeded', ...base, output: id, ...(fate.port ? { port: fate.port } : {}) });
      else if (fate.kind === 'skip') emit({ type: 'step.skipped', path: id, reason: 'condition' });
      else if (fate.kind === 'retry' && !retried.has(command.index)) {
        retried.add(command.index);
        emit({ type: 'step.failed', ...base, error, retryAt: 5 });
      } else if (fate.kind === 'retry') emit({ type: 'step.succeeded', ...base, output: id });
      else {
        const kind = node?.onError.kind;
        emit({ type: 'step.failed', ...base, error, ...(kind === 'goto' || kind === 'continue' ? { handled: kind } : {}) });
      }
    }
  }
  return { state, log, executed, finished: false };
}

/** The rules of contract.md, written as naively as can be: settle steps in topological order. */
function naive(w: Workflow, fates: Fate[]): Map<string, string> {
  const result = new Map<string, { status: string; port?: string }>();
  for (const [i, s] of w.steps.entries()) {
    const deps = [
      ...s.dependsOn.map((d) => ({ ...d })),
      ...w.steps.filter((o) => o.onError?.kind === 'goto' && o.onError.step === s.id).map((o) => ({ step: o.id, port: 'error' as string | undefined })),
    ];
    const active = deps.filter((d) => {
      const source = result.get(d.step);
      if (source?.status === 'succeeded') return d.port === undefined || d.port === source.port;
      if (source?.status === 'failed') return d.port === 'error' ? source.port === 'error' : d.port === undefined && source.port !== 'error';
      return false;
    });
    const fate = fates[i] as Fate;
    if (deps.length > 0 && active.length === 0) result.set(s.id, { status: 'skipped' });
    else if (fate.kind === 'skip') result.set(s.id, { status: 'skipped' });
    else if (fate.kind === 'fail') result.set(s.id, { status: 'failed', port: s.onError?.kind === 'goto' ? 'error' : undefined });
    else result.set(s.id, { status: 'succeeded', port: fate.kind === 'ok' ? fate.port : undefined });
  }
  return new Map([...result].map(([id, r]) => [id, r.status]));
}

/** Random DAGs whose failures are all handled, so that every step settles. */
const handledDag = fc
  .integer({ min: 1, max: 12 })
  .chain((n) =>
    fc.tuple(
      fc.constant(n),
      fc.array(fc.array(fc.tuple(fc.nat(11), fc.constantFrom(undefined, 'a', 'b')), { maxLength: 3 }), { minLength: n, maxLength: n }),
      fc.array(
        fc.constantFrom<Fate>({ kind: 'ok', port: 'a' }, { kind: 'ok', port: 'b' }, { kind: 'ok' }, { kind: 'fail' }, { kind: 'skip' }, { kind: 'retry' }),
        { minLength: n, maxLength: n },
      ),
      fc.array(fc.constantFrom('continue', 'goto'), { minLength: n, maxLength: n }),
    ),
  )
  .map(([n, deps, fates, handlers]) => {
    const steps = Array.from({ length: n }, (_, i) => ({
      id: `s${i}`,
      dependsOn: (deps[i] ?? []).filter(([d]) => d < i).map(([d, port]) => ({ step: `s${d}`, ...(port ? { port } : {}) })),
      onError: handlers[i] === 'goto' && i + 1 < n ? { kind: 'goto' as const, step: `s${i + 1}` } : { kind: 'continue' as const },
    }));
    return { w: workflow(steps), fates };
  });

const seeded = (seed: number) => {
  let x = seed + 1;
  return (n: number) => {
    x = (x * 1_103_515_245 + 12_345) % 2_147_483_648;
    return x % n;
  };
};

describe('step', () => {
  it('settles every step as the rules say, in whatever order steps end', () => {
    fc.assert(
      fc.property(handledDag, fc.nat(), ({ w, fates }, seed) => {
        const graph = compileGraph(w, definitions);
        const { state, finished } = drive(graph, fates, seeded(seed));
        expect(finished).toBe(true);
        expect(state.unsettled).toBe(0);
        expect(new Map(graph.steps.map((s, i) => [s.id, state.steps[i]?.status]))).toEqual(naive(w, fates));
      }),
      { numRuns: 500 },
    );
  });

  it('comes to the same end after a crash at any point, without executing a settled step again', () => {
    fc.assert(
      fc.property(handledDag, fc.nat(), fc.nat(30), ({ w, fates }, seed, crash) => {
        const graph = compileGraph(w, definitions);
        const plain = drive(graph, fates, seeded(seed));
        const crashed = drive(graph, fates, seeded(seed), crash + 1);
        const ends = (s: RunState) => s.steps.map((x) => x.status);
        expect(ends(crashed.state)).toEqual(ends(plain.state));
        const settled = crashed.log.filter((e) => e.type === 'step.succeeded').map((e) => e.path);
        expect(new Set(settled).size).toBe(settled.length);
      }),
      { numRuns: 500 },
    );
  });

  it('folds a log to the same state as living through it', () => {
    fc.assert(
      fc.property(handledDag, fc.nat(), ({ w, fates }, seed) => {
        const graph = compileGraph(w, definitions);
        const { state, log } = drive(graph, fates, seeded(seed));
        const folded = initialState(graph);
        for (const event of log) step(folded, event);
        expect(folded).toEqual(state);
      }),
    );
  });

  it('stops the run when a step fails and nobody handles it', () => {
    const graph = compileGraph(workflow([{ id: 'a' }, { id: 'b', dependsOn: [{ step: 'a' }] }]), definitions);
    const { state, executed } = drive(graph, [{ kind: 'fail' }, { kind: 'ok' }], () => 0);
    expect(state.failure?.step).toBe('a');
    expect(executed).toEqual(['a']);
  });

  it('treats a goto to a step that does not exist as fail', () => {
    const graph = compileGraph(
      workflow([
        { id: 'a', onError: { kind: 'goto', step: 'alert' } },
        { id: 'b', dependsOn: [{ step: 'a' }] },
      ]),
      definitions,
    );
    expect(graph.steps[0]?.onError).toEqual({ kind: 'fail' });
    expect(drive(graph, [{ kind: 'fail' }, { kind: 'ok' }], () => 0).state.failure?.step).toBe('a');
  });
});
