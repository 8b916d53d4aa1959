import { expect, it, vi } from 'vitest';
import type { RunEvent, RunEventBody } from '@/core/engine/events';
import type { Json } from '@/core/workflow/workflow';
import { edgeState } from '../canvas/edge-state';
import { RunStore } from './run-store';

const started = (): RunStore => {
  const store = new RunStore();
  store.begin(
    { id: 'r', status: 'queued', costUsd: 0, simulated: false, lastSeq: 0 },
    ['fetch', 'check', 'tell'].map((id) => ({ id, uses: 'log' })),
  );
  return store;
};
const log = (...bodies: RunEventBody[]): RunEvent[] => bodies.map((body, index) => ({ ...body, seq: index + 1, at: 1000 + index * 10 }));
const failure = { code: 'http', message: 'It answered 500.' };

it('folds a log into the states that the canvas shows, and tells only the steps that changed', () => {
  const store = started();
  const told = { fetch: vi.fn(), tell: vi.fn() };
  store.steps.subscribe('fetch', told.fetch);
  store.steps.subscribe('tell', told.tell);
  const events = log(
    { type: 'run.started' },
    { type: 'step.started', path: 'fetch', attempt: 1, input: { url: 'x' } },
    { type: 'step.failed', path: 'fetch', attempt: 1, startedAt: 1010, error: failure, retryAt: 2000 },
    { type: 'step.started', path: 'fetch', attempt: 2, input: { url: 'x' } },
    { type: 'step.succeeded', path: 'fetch', attempt: 2, startedAt: 1030, output: { text: 'hm', simulated: true }, costUsd: 0.5 },
    { type: 'step.succeeded', path: 'check', attempt: 1, startedAt: 1050, output: true, port: 'false' },
    { type: 'step.skipped', path: 'tell', reason: 'upstream' },
    { type: 'run.succeeded', output: null },
  );
  for (const event of events.slice(0, 3)) store.apply(event);
  expect(store.steps.get('fetch')).toMatchObject({ status: 'waiting', retryAt: 2000, attempts: 1, error: failure });
  expect(told.tell).not.toHaveBeenCalled();
  for (const event of events.slice(2)) store.apply(event);
  expect(store.steps.get('fetch')).toMatchObject({ status: 'succeeded', attempts: 2, startedAt: 1010, finishedAt: 1040 });
  expect(store.steps.get('fetch')?.error).toBeUndefined();
  expect(store.run.get()).toMatchObject({ status: 'succeeded', costUsd: 0.5, simulated: true, lastSeq: 8, startedAt: 1000, finishedAt: 1070 });
  expect(told.tell).toHaveBeenCalledTimes(1);
  // a repeated event after a reconnect changes nothing
  store.apply(events[4] as RunEvent);
  expect(store.run.get()?.costUsd).toBe(0.5);
});

it('colours the way that was taken, not the other', () => {
  const store = started();
  const [check, tell] = log(
    { type: 'step.succeeded', path: 'check', attempt: 1, startedAt: 0, output: 1, port: 'true' },
    { type: 'step.failed', path: 'tell', attempt: 1, startedAt: 0, error: failure, handled: 'goto' },
  );
  store.apply(check as RunEvent);
  store.apply(tell as RunEvent);
  const state = (port?: string) => edgeState(store.steps.get('check'), store.steps.get('tell'), port, false);
  expect([state('true'), state('false')]).toEqual(['failed', undefined]);
  expect(edgeState(store.steps.get('tell'), store.steps.get('check'), 'error', false)).toBe('succeeded');
  expect(edgeState(store.steps.get('tell'), store.steps.get('check'), undefined, false)).toBeUndefined();
});

it('shows a step with a loop as itself, whatever happens inside', () => {
  const store = started();
  for (const event of log(
    { type: 'step.started', path: 'fetch', attempt: 1, input: {} },
    { type: 'step.failed', path: 'fetch[0]', attempt: 1, startedAt: 1, error: failure },
  ))
    store.apply(event);
  expect(store.steps.get('fetch')?.status).toBe('running');
  expect([...store.steps.entries().keys()]).toEqual(['fetch', 'check', 'tell']);
});

it('shows a body as it was in the iteration being looked at, and counts what ended', () => {
  const store = new RunStore();
  store.begin({ id: 'r', status: 'queued', costUsd: 0, simulated: false, lastSeq: 0 }, [
    {
      id: 'each',
      uses: 'for-each',
      steps: [
        { id: 'get', uses: 'http' },
        { id: 'inner', uses: 'while', steps: [{ id: 'deep', uses: 'log' }] },
      ],
    },
  ]);
  const done = (path: string, output: Json): RunEventBody => ({ type: 'step.succeeded', path, attempt: 1, startedAt: 1, output });
  const events = log(
    { type: 'run.started' },
    { type: 'step.started', path: 'each', attempt: 1, input: { items: ['a', 'b', 'c'] } },
    done('get[0]', 'A'),
    { type: 'step.failed', path: 'get[1]', attempt: 1, startedAt: 1, error: failure },
    { type: 'item.failed', path: 'each[1]', error: failure },
    { type: 'step.started', path: 'inner[0]', attempt: 1, input: { while: true } },
    done('deep[0][0]', 1),
    { type: 'item.succeeded', path: 'inner[0][0]', output: 1 },
    done('deep[0][1]', 2),
    { type: 'step.waiting', path: 'get[2]', attempt: 1, startedAt: 1, until: 5000, wait: { kind: 'approval', signal: '$approval/get[2]' } },
  );
  store.apply(...events.slice(0, 2));
  expect([store.loops.get('each'), store.steps.get('get')?.status]).toEqual([expect.objectContaining({ total: 3, begun: 0, at: undefined }), 'pending']);
  store.apply(...events.slice(2));
  expect(store.loops.get('each')).toMatchObject({ total: 3, begun: 3, done: 0, failed: 1, at: 2, state: 'running', nextFailed: 1 });
  expect(store.steps.get('get')).toMatchObject({ status: 'waiting', wait: { kind: 'approval' }, until: 5000 });
  expect(store.steps.get('deep')?.status, 'this iteration has not got there').toBe('pending');
  store.look('each', 0);
  expect([store.steps.get('get')?.output, store.steps.get('deep')?.output]).toEqual(['A', 2]);
  expect(store.loops.get('inner')).toMatchObject({ begun: 2, done: 1, at: 1, total: undefined });
  expect([store.itemOf('each', 0), store.itemOf('inner', 1)]).toEqual(['a', 1]);
  store.look('each', 1);
  expect(store.steps.get('get')).toMatchObject({ status: 'failed', error: failure });
  expect(store.loops.get('inner')?.at).toBeUndefined();
});

it('ends at the first iteration that failed, unless somebody looks at another', () => {
  const store = new RunStore();
  store.begin({ id: 'r', status: 'queued', costUsd: 0, simulated: false, lastSeq: 0 }, [{ id: 'each', uses: 'for-each', steps: [{ id: 'get', uses: 'log' }] }]);
  const events = log(
    { type: 'step.started', path: 'each', attempt: 1, input: { items: [1, 2, 3] } },
    ...[0, 1, 2].map((i): RunEventBody => ({ type: 'step.succeeded', path: `get[${i}]`, attempt: 1, startedAt: 1, output: i })),
    { type: 'item.succeeded', path: 'each[0]', output: 0 },
    { type: 'item.failed', path: 'each[1]', error: failure },
    { type: 'item.succeeded', path: 'each[2]', output: 2 },
    { type: 'run.failed', error: failure },
  );
  store.apply(...events.slice(0, 7));
  expect(store.steps.get('get')?.output).toBe(2);
  store.apply(...events.slice(7));
  expect(store.steps.get('get')?.output).toBe(1);
  expect(store.loops.get('each')).toMatchObject({ done: 2, failed: 1, at: 1, state: 'failed', nextFailed: undefined });
});
