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
