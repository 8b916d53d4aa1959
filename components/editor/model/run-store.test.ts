import { expect, it, vi } from 'vitest';
import type { RunEvent, RunEventBody } from '@/core/engine/events';
import { edgeState } from '../canvas/edge-state';
import { RunStore } from './run-store';

const started = (): RunStore => {
  const store = new RunStore();
  store.begin({ id: 'r', status: 'queued', costUsd: 0, simulated: false, lastSeq: 0 }, ['fetch', 'check', 'tell']);
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
