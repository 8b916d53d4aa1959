import { expect, it } from 'vitest';
import { attemptsOf } from './attempts';

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
