import { expect, it } from 'vitest';
import { attemptsOf, pausesOf } from './attempts';

it('gives every try its own span, also of steps whose start was never written', () => {
  const error = { code: 'http', message: 'no answer' };
  const tries = attemptsOf([
    { seq: 1, at: 0, type: 'run.started' },
    { seq: 2, at: 10, type: 'step.started', path: 'fetch', attempt: 1, input: null },
    { seq: 3, at: 30, type: 'step.failed', path: 'fetch', attempt: 1, startedAt: 10, error, retryAt: 50 },
    { seq: 4, at: 55, type: 'step.started', path: 'fetch', attempt: 2, input: null },
    { seq: 5, at: 56, type: 'step.succeeded', path: 'shape', attempt: 1, startedAt: 56, output: null },
  ]);
  expect(tries.get('fetch')).toEqual([
    { attempt: 1, startedAt: 10, finishedAt: 30, outcome: 'failed' },
    { attempt: 2, startedAt: 55, finishedAt: null, outcome: 'running' },
  ]);
  expect(tries.get('shape')).toEqual([{ attempt: 1, startedAt: 56, finishedAt: 56, outcome: 'succeeded' }]);
});

it('ends what was in flight as cancelled, and tells pauses from tries', () => {
  const error = { code: 'http', message: 'no answer' };
  const tries = attemptsOf([
    { seq: 1, at: 0, type: 'run.started' },
    { seq: 2, at: 30, type: 'step.failed', path: 'fetch', attempt: 1, startedAt: 10, error, retryAt: 50 },
    { seq: 3, at: 55, type: 'step.started', path: 'fetch', attempt: 2, input: null },
    { seq: 4, at: 60, type: 'step.waiting', path: 'pause', attempt: 1, startedAt: 58, until: 900 },
    { seq: 5, at: 70, type: 'step.cancelled', path: 'fetch' },
    { seq: 6, at: 71, type: 'run.cancelled' },
  ]);
  expect(tries.get('fetch')?.map((t) => [t.outcome, t.finishedAt])).toEqual([
    ['failed', 30],
    ['cancelled', 70],
  ]);
  expect(tries.get('pause')).toEqual([{ attempt: 1, startedAt: 58, finishedAt: 71, outcome: 'cancelled' }]);
  expect(pausesOf(tries.get('fetch') ?? [], 'cancelled', 70)).toEqual([{ after: 1, startedAt: 30, finishedAt: 55 }]);
  expect(pausesOf([{ attempt: 1, startedAt: 0, finishedAt: 5, outcome: 'failed' }], 'failed', 5)).toEqual([]);
  expect(pausesOf([{ attempt: 1, startedAt: 0, finishedAt: 5, outcome: 'failed' }], 'waiting', null)).toEqual([{ after: 1, startedAt: 5, finishedAt: null }]);
});
