import { describe, expect, it } from 'vitest';
import type { RunEvent } from '@/core/engine/events';
import { emptyRun, foldRun } from './fold-run';

const steps = [
  { id: 'fetch', title: 'Fetch it', uses: 'http' },
  { id: 'check', uses: 'condition' },
  { id: 'alert', uses: 'log' },
];
const log: RunEvent[] = [
  { seq: 1, at: 1000, type: 'run.started' },
  { seq: 2, at: 1001, type: 'step.started', path: 'fetch', attempt: 1, input: { url: 'x' } },
  { seq: 3, at: 1010, type: 'step.failed', path: 'fetch', attempt: 1, startedAt: 1001, error: { code: 'http', message: 'no' }, retryAt: 2010 },
  { seq: 4, at: 2011, type: 'step.started', path: 'fetch', attempt: 2, input: { url: 'x' } },
  { seq: 5, at: 2020, type: 'step.log', path: 'fetch', level: 'info', message: 'hello' },
  { seq: 6, at: 2021, type: 'step.succeeded', path: 'fetch', attempt: 2, startedAt: 2011, output: { n: 1 }, costUsd: 0.25 },
  { seq: 7, at: 2022, type: 'step.succeeded', path: 'check', attempt: 1, startedAt: 2021, output: true, port: 'false', costUsd: 0.5 },
  { seq: 8, at: 2023, type: 'step.skipped', path: 'alert', reason: 'upstream' },
  { seq: 9, at: 2024, type: 'run.succeeded', output: 'done' },
];

describe('foldRun', () => {
  it('lists every step before anything happened', () => {
    const view = emptyRun(steps);
    expect(view.status).toBe('queued');
    expect(view.steps.map((s) => [s.id, s.title, s.type, s.status])).toEqual([
      ['fetch', 'Fetch it', 'http', 'pending'],
      ['check', 'check', 'condition', 'pending'],
      ['alert', 'alert', 'log', 'pending'],
    ]);
  });

  it('tells attempts, times, ports, logs and cost', () => {
    const view = foldRun(emptyRun(steps), log);
    expect(view).toMatchObject({ status: 'succeeded', output: 'done', startedAt: 1000, finishedAt: 2024, costUsd: 0.75, seq: 9 });
    expect(view.steps[0]).toMatchObject({ status: 'succeeded', attempts: 2, startedAt: 1001, finishedAt: 2021, error: null, output: { n: 1 }, until: null });
    expect(view.steps[0]?.logs).toEqual([{ at: 2020, level: 'info', message: 'hello' }]);
    expect(view.steps[1]).toMatchObject({ status: 'succeeded', port: 'false' });
    expect(view.steps[2]).toMatchObject({ status: 'skipped', attempts: 0 });
  });

  it('is the same in any portions, and events seen twice change nothing', () => {
    const whole = foldRun(emptyRun(steps), log);
    for (let cut = 0; cut <= log.length; cut++) {
      const first = foldRun(emptyRun(steps), log.slice(0, cut));
      expect(foldRun(first, log.slice(Math.max(0, cut - 2)))).toEqual(whole);
    }
  });

  it('waits between attempts, and ends what was in flight when the run ends', () => {
    const waiting = foldRun(emptyRun(steps), log.slice(0, 3));
    expect(waiting.steps[0]).toMatchObject({ status: 'waiting', until: 2010, error: { message: 'no' } });
    const cancelled = foldRun(foldRun(emptyRun(steps), log.slice(0, 4)), [
      { seq: 5, at: 2012, type: 'run.cancel_requested', by: 'Ann' },
      { seq: 6, at: 2013, type: 'run.cancelled' },
    ]);
    expect(cancelled).toMatchObject({ status: 'cancelled', cancelRequested: true, finishedAt: 2013 });
    expect(cancelled.steps.map((s) => s.status)).toEqual(['cancelled', 'pending', 'pending']);
  });

  it('starts a try without the last one’s error, and keeps the newest 500 lines of a log', () => {
    expect(foldRun(emptyRun(steps), log.slice(0, 4)).steps[0]).toMatchObject({ status: 'running', error: null, until: null });
    const lines = Array.from({ length: 600 }, (_, i): RunEvent => ({ seq: i + 1, at: i, type: 'step.log', path: 'fetch', level: 'info', message: `${i}` }));
    const { logs } = foldRun(emptyRun(steps), lines).steps[0] ?? { logs: [] };
    expect([logs.length, logs[0]?.message, logs.at(-1)?.message]).toEqual([500, '100', '599']);
  });

  it('does not change the view it starts from', () => {
    const view = emptyRun(steps);
    const before = structuredClone(view);
    foldRun(view, log);
    expect(view).toEqual(before);
  });
});

it('waits as long as a step does and no other works', () => {
  const at = (path: string, type: string) => ({ type, path, attempt: 1, startedAt: 1, input: {}, output: 1 });
  const events = [
    { type: 'run.started' },
    at('a', 'step.started'),
    at('b', 'step.started'),
    at('a', 'step.waiting'),
    at('b', 'step.waiting'),
    at('b', 'step.succeeded'),
    at('a', 'step.succeeded'),
  ];
  const status = (count: number) =>
    foldRun(
      emptyRun([
        { id: 'a', uses: 'signal' },
        { id: 'b', uses: 'signal' },
      ]),
      events.slice(0, count).map((e, i) => ({ ...e, seq: i + 1, at: i })) as RunEvent[],
    ).status;
  expect([3, 4, 5, 6, 7].map(status)).toEqual(['running', 'running', 'waiting', 'waiting', 'running']);
});
it('says what a step waits for, until it goes on', () => {
  const waiting = {
    type: 'step.waiting',
    path: 'ask',
    attempt: 1,
    startedAt: 1,
    until: 9,
    wait: { kind: 'approval', signal: '$approval/ask', details: { approval: 'A' } },
  };
  const events = [
    { type: 'run.started' },
    waiting,
    { type: 'signal.received', name: '$approval/ask', data: 1 },
    { type: 'step.succeeded', path: 'ask', attempt: 1, startedAt: 1, output: 1 },
  ];
  const after = (count: number) =>
    foldRun(emptyRun([{ id: 'ask', uses: 'approval' }]), events.slice(0, count).map((e, i) => ({ ...e, seq: i + 1, at: i })) as RunEvent[]);
  expect([after(2).status, after(2).steps[0]]).toMatchObject([
    'waiting',
    { until: 9, wait: { kind: 'approval', signal: '$approval/ask', details: { approval: 'A' } } },
  ]);
  expect([after(3).status, after(3).steps[0]?.status]).toEqual(['waiting', 'waiting']);
  expect(after(4).steps[0]).toMatchObject({ status: 'succeeded', wait: null, until: null });
});

const loops = [
  {
    id: 'each',
    title: 'Each',
    uses: 'for-each',
    steps: [
      { id: 'fetch', title: 'Fetch', uses: 'http' },
      { id: 'inner', uses: 'while', steps: [{ id: 'deep', uses: 'code' }] },
    ],
  },
  { id: 'call', uses: 'workflow' },
];
let seq = 0;
const at = (event: object): RunEvent => ({ seq: ++seq, at: 1000 + seq, ...event }) as RunEvent;
const begun = (items: number) =>
  at({ type: 'step.started', path: 'each', attempt: 1, input: { items: Array.from({ length: items }, (_, i) => i), concurrency: 2 } });
const round = (i: number, failed = false): RunEvent[] => [
  at({ type: 'step.started', path: `fetch[${i}]`, attempt: 1, input: i }),
  at({ type: 'step.succeeded', path: `fetch[${i}]`, attempt: 1, startedAt: 0, output: i, costUsd: 1 }),
  failed ? at({ type: 'item.failed', path: `each[${i}]`, error: { code: 'x', message: 'no' } }) : at({ type: 'item.succeeded', path: `each[${i}]`, output: i }),
];

it('shows a loop as its iterations, those inside iterations too, and says which run a step started', () => {
  const view = foldRun(emptyRun(loops), [
    begun(3),
    ...round(0),
    ...round(1, true),
    at({ type: 'step.started', path: 'inner[2]', attempt: 1, input: {} }),
    at({ type: 'item.started', path: 'inner[2][0]' }),
    at({ type: 'step.started', path: 'deep[2][0]', attempt: 1, input: null }),
    at({ type: 'step.waiting', path: 'call', attempt: 1, startedAt: 1, wait: { kind: 'run', signal: '$run/abc' } }),
    at({ type: 'step.succeeded', path: 'call', attempt: 1, startedAt: 1, output: { runId: 'not this one' } }),
  ]);
  expect(view.steps.map((s) => [s.path, s.title, s.type, s.status])).toEqual([
    ['each', 'Each', 'for-each', 'running'],
    ['call', 'call', 'workflow', 'succeeded'],
    ['fetch[0]', 'Fetch', 'http', 'succeeded'],
    ['fetch[1]', 'Fetch', 'http', 'succeeded'],
    ['inner[2]', 'inner', 'while', 'running'],
    ['deep[2][0]', 'deep', 'code', 'running'],
  ]);
  expect(view.steps[1]?.childRunId).toBe('abc');
  expect(view.steps[0]?.loop).toMatchObject({ total: 3, started: 3, succeeded: 1, failed: 1 });
  expect(view.steps[0]?.loop?.items.map((i) => [i.index, i.status, i.output, i.error?.code])).toEqual([
    [0, 'succeeded', 0, undefined],
    [1, 'failed', null, 'x'],
    [2, 'running', null, undefined],
  ]);
  expect(view.steps[4]?.loop).toMatchObject({ total: null, items: [{ index: 0, status: 'running' }] });
  const ended = foldRun(view, [at({ type: 'run.cancelled' })]);
  expect([ended.steps[0]?.loop?.items[2]?.status, ended.steps[4]?.loop?.items[0]?.status]).toEqual(['cancelled', 'cancelled']);
  expect(view.steps[0]?.loop?.items[2]?.status).toBe('running');
});

it('keeps of ten thousand iterations the newest and those that failed, and counts the others; a new try begins anew', () => {
  const events = [begun(10_000), ...Array.from({ length: 10_000 }, (_, i) => round(i, i % 1_000 === 0)).flat()];
  const whole = foldRun(emptyRun(loops), events);
  const { loop } = whole.steps[0] as { loop: NonNullable<(typeof whole.steps)[0]['loop']> };
  expect(loop).toMatchObject({ total: 10_000, started: 10_000, succeeded: 9_990, failed: 10 });
  expect(loop.items.length).toBeLessThanOrEqual(150);
  expect(loop.items.filter((i) => i.status === 'failed')).toHaveLength(10);
  expect(loop.items.at(-1)?.index).toBe(9_999);
  expect(whole.steps.filter((s) => s.id === 'fetch').map((s) => s.path)).toEqual(loop.items.map((i) => `fetch[${i.index}]`));
  expect(whole.costUsd).toBe(10_000);
  let inPortions = emptyRun(loops);
  for (let i = 0; i < events.length; i += 777) inPortions = foldRun(inPortions, events.slice(i, i + 777));
  expect(inPortions).toEqual(whole);
  // a late line of an iteration that is only counted
  const late = foldRun(whole, [at({ type: 'step.log', path: 'fetch[5]', level: 'info', message: 'x' })]);
  expect(late.steps).toEqual(whole.steps);
  const again = foldRun(whole, [
    at({ type: 'step.failed', path: 'each', attempt: 1, startedAt: 0, error: { code: 'x', message: 'no' }, retryAt: 1 }),
    at({ type: 'step.started', path: 'each', attempt: 2, input: { items: [1] } }),
  ]);
  expect(again.steps.map((s) => s.path)).toEqual(['each', 'call']);
  expect(again.steps[0]?.loop).toMatchObject({ total: 1, started: 0, items: [] });
});

it('is paused from when somebody halts it until it is resumed', () => {
  const paused = foldRun(emptyRun(loops), [
    at({ type: 'run.started' }),
    at({ type: 'run.paused', by: 'Ann' }),
    at({ type: 'step.succeeded', path: 'call', attempt: 1, startedAt: 1, output: 1 }),
  ]);
  expect(paused).toMatchObject({ status: 'waiting', paused: { by: 'Ann' } });
  expect(foldRun(paused, [at({ type: 'run.resumed' })])).toMatchObject({ status: 'running', paused: null });
});

it('marks what was kept from another run: it took no time in this one', () => {
  const copied = { type: 'step.succeeded', attempt: 1, output: 1 };
  const view = foldRun(emptyRun([...steps, { id: 'own', uses: 'log' }]), [
    { ...at({ type: 'run.started' }), at: 500_000 },
    at({ ...copied, path: 'fetch', startedAt: 40_000 }),
    at({ ...copied, path: 'check', startedAt: 600_000, kept: true }),
    at({ ...copied, path: 'own', startedAt: 600_000 }),
  ]);
  expect(view.steps.map((s) => [s.id, s.kept])).toEqual([
    ['fetch', true],
    ['check', true],
    ['alert', undefined],
    ['own', undefined],
  ]);
});
