import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineNode } from '@/core/node/definition';
import type { Step, Workflow } from '@/core/workflow/workflow';
import type { RunEvent, RunEventBody } from './events';
import { compileGraph } from './graph';
import { outstanding } from './outstanding';
import { forkEvents, planFork } from './plan-fork';
import { initialState, isSettled } from './state';
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
const workflow = (steps: (Partial<Step> & { id: string })[]): Workflow => ({
  name: 'w',
  triggers: [],
  settings: {},
  layout: {},
  steps: steps.map((s) => ({ uses: 'work', with: {}, dependsOn: [], ...s })),
});
const behind = (...ids: string[]) => ids.map((id) => ({ step: id }));
const logOf = (bodies: RunEventBody[]): RunEvent[] => bodies.map((body, i) => ({ ...body, seq: i + 1, at: 100 + i }) as RunEvent);
const done = (path: string, output: string = path): RunEventBody => ({ type: 'step.succeeded', path, attempt: 1, startedAt: 1, output, costUsd: 1 });
const error = { code: 'x', message: 'no' };

describe('planFork', () => {
  const chain = workflow([
    { id: 'a' },
    { id: 'b', dependsOn: behind('a'), compensate: 'undo' },
    { id: 'undo' },
    { id: 'c', dependsOn: behind('b') },
    { id: 'side' },
  ]);

  it('does again what failed, what is after it and what was undone; never what only undoes', () => {
    const log = logOf([{ type: 'run.started' }, done('a'), done('b'), { type: 'step.failed', path: 'c', attempt: 1, startedAt: 1, error }]);
    expect(planFork(chain, chain, log, {})).toEqual({ kept: ['a', 'b'], again: ['c', 'side'] });
    const undone = [...log, ...logOf([{ type: 'run.compensating', error }, done('undo')])];
    expect(planFork(chain, chain, undone, {})).toEqual({ kept: ['a'], again: ['b', 'c', 'side'] });
    const retrying = logOf([done('a'), { type: 'step.failed', path: 'b', attempt: 1, startedAt: 1, error, handled: 'version', version: 1, retryAt: 5 }]);
    expect(planFork(chain, chain, retrying, {}).kept).toEqual(['a']);
  });

  it('keeps a step with a result given by hand, whatever became of it, and what is after it only where that has a result', () => {
    const log = logOf([done('a'), { type: 'step.failed', path: 'b', attempt: 1, startedAt: 1, error }]);
    expect(planFork(chain, chain, log, { outputs: { b: 1 } })).toEqual({ kept: ['a', 'b'], again: ['c', 'side'] });
    const events = forkEvents(log, { kind: 'rerun', keep: ['a', 'b'], outputs: { b: 1 }, upTo: 2 });
    expect(events).toEqual([
      { type: 'step.succeeded', path: 'a', attempt: 1, startedAt: 1, output: 'a', kept: true },
      { type: 'step.succeeded', path: 'b', attempt: 1, startedAt: 100, output: 1, kept: true },
    ]);
  });

  it('of another version keeps what is defined the same; a title makes no difference, a setting inside a loop does', () => {
    const loop = (title: string, url: string) =>
      workflow([{ id: 'a' }, { id: 'each', title, dependsOn: behind('a'), steps: [{ id: 'in', uses: 'work', with: { url }, dependsOn: [], title }] }]);
    const log = logOf([done('a'), done('in[0]'), done('each')]);
    expect(planFork(loop('x', '1'), loop('y', '1'), log, {}).again).toEqual([]);
    expect(planFork(loop('x', '1'), loop('x', '2'), log, {}).again).toEqual(['each']);
    expect(forkEvents(log, { kind: 'fork', keep: ['a', 'each'], upTo: 3 }).map((e) => 'path' in e && e.path)).toEqual(['a', 'each']);
  });

  it('of a run that goes on counts what it had done when it was forked', () => {
    const log = logOf([done('a'), done('b'), done('c')]);
    expect(forkEvents(log, { kind: 'fork', keep: ['a', 'b'], upTo: 1 })).toHaveLength(1);
  });

  it('makes a log that folds like any other: every step is done once, and nothing that is kept is done again', () => {
    const graphs = fc.array(fc.tuple(fc.array(fc.nat(6), { maxLength: 3 }), fc.constantFrom('ok', 'skip', 'continue', 'never')), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(graphs, fc.option(fc.nat(7), { nil: undefined }), (shape, pick) => {
        const ids = shape.map((_, i) => `s${i}`);
        const flow = workflow(
          shape.map(([deps, fate], i) => ({
            id: `s${i}`,
            dependsOn: behind(...new Set(deps.filter((d) => d < i).map((d) => `s${d}`))),
            ...(fate === 'continue' ? { onError: { kind: 'continue' as const } } : {}),
          })),
        );
        // the run got to the first step that never ended
        const reached = shape.findIndex(([, fate]) => fate === 'never');
        const bodies = shape.slice(0, reached < 0 ? shape.length : reached).map(([, fate], i): RunEventBody => {
          if (fate === 'skip') return { type: 'step.skipped', path: `s${i}`, reason: 'condition' };
          if (fate === 'continue') return { type: 'step.failed', path: `s${i}`, attempt: 1, startedAt: 1, error, handled: 'continue' };
          return done(`s${i}`);
        });
        const log = logOf([{ type: 'run.started' }, ...bodies]);
        const from = pick === undefined ? undefined : ids[pick % ids.length];
        const { kept, again } = planFork(flow, flow, log, { from });
        expect([...kept, ...again].sort()).toEqual([...ids].sort());
        if (from) expect(again).toContain(from);
        for (const s of flow.steps) if (kept.includes(s.id)) for (const d of s.dependsOn) expect(kept).toContain(d.step);

        const graph = compileGraph(flow, definitions);
        const state = initialState(graph);
        const first = logOf([{ type: 'run.started', attempt: 2 }, ...forkEvents(log, { kind: 'rerun', keep: kept, upTo: log.length })]);
        for (const event of first) step(state, event);
        const executed: string[] = [];
        let seq = first.length;
        let finished = false;
        let commands = outstanding(state);
        for (let rounds = 0; commands.length > 0 && rounds < 50; rounds++) {
          const next = [];
          for (const command of commands) {
            if (command.do === 'finish') finished = true;
            if (command.do !== 'execute' && command.do !== 'skip') continue;
            const id = graph.steps[command.index]?.id ?? '';
            executed.push(id);
            const body: RunEventBody = command.do === 'skip' ? { type: 'step.skipped', path: id, reason: 'upstream' } : done(id);
            next.push(...step(state, { ...body, seq: ++seq, at: 0 } as RunEvent));
          }
          commands = next;
        }
        expect(finished).toBe(true);
        expect(executed.sort()).toEqual([...again].sort());
        expect(state.steps.every(isSettled)).toBe(true);
      }),
    );
  });
});
