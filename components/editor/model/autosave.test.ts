import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Autosave, SaveConflict, SaveRefused } from './autosave';
import { localCopy } from './local-copy';

const storage = () => {
  const map = new Map<string, string>();
  return { getItem: (k: string) => map.get(k) ?? null, setItem: (k: string, v: string) => void map.set(k, v), removeItem: (k: string) => void map.delete(k) };
};
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function setUp(save: (revision: number, text: string) => Promise<{ revision: number }>) {
  let text = 'a';
  const local = localCopy('w', 'tab', storage());
  const autosave = new Autosave({ revision: 1, save: (revision, definition) => save(revision, String(definition.text)), read: () => ({ text }), local });
  const type = (next: string) => {
    text = next;
    autosave.touch();
  };
  return { autosave, local, type };
}

it('waits for a pause, saves once, and keeps a local copy until it is acknowledged', async () => {
  const saved: [number, string][] = [];
  const { autosave, local, type } = setUp(async (revision, text) => {
    saved.push([revision, text]);
    return { revision: revision + 1 };
  });
  type('ab');
  await vi.advanceTimersByTimeAsync(300);
  type('abc');
  expect(local.read()).toMatchObject({ baseRevision: 1, definition: { text: 'abc' } });
  await vi.advanceTimersByTimeAsync(500);
  expect(saved).toEqual([[1, 'abc']]);
  expect(autosave.state.get()).toEqual({ kind: 'saved' });
  expect(local.read()).toBeUndefined();
});

it('never has two saves under way, and flush waits for what was typed meanwhile', async () => {
  let underWay = 0;
  const saved: string[] = [];
  const { autosave, type } = setUp(async (revision, text) => {
    underWay += 1;
    expect(underWay).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    underWay -= 1;
    saved.push(text);
    return { revision: revision + 1 };
  });
  type('1');
  await vi.advanceTimersByTimeAsync(500);
  type('2');
  const flushed = autosave.flush();
  await vi.advanceTimersByTimeAsync(5000);
  await flushed;
  expect(saved).toEqual(['1', '2']);
  expect(autosave.revision).toBe(3);
});

it('tries again while offline and loses nothing', async () => {
  let online = false;
  const { autosave, local, type } = setUp(async (revision) => {
    if (!online) throw new TypeError('Failed to fetch');
    return { revision: revision + 1 };
  });
  type('x');
  await vi.advanceTimersByTimeAsync(450);
  expect(autosave.state.get().kind).toBe('offline');
  await expect(autosave.flush()).rejects.toThrow('Failed to fetch');
  expect(local.read()?.definition).toEqual({ text: 'x' });
  online = true;
  await vi.advanceTimersByTimeAsync(12_000);
  expect(autosave.state.get().kind).toBe('saved');
});

it('stops at a conflict or refusal, keeping the edits, until it is settled', async () => {
  let answer: Error = new SaveConflict('theirs is newer');
  const { autosave, local, type } = setUp(() => Promise.reject(answer));
  type('mine');
  await vi.advanceTimersByTimeAsync(450);
  expect(autosave.state.get().kind).toBe('conflict');
  type('mine too');
  expect(local.read()?.definition).toEqual({ text: 'mine too' });
  autosave.settle(7);
  expect([autosave.revision, autosave.pending, local.read()]).toEqual([7, false, undefined]);
  answer = new SaveRefused('You may not edit.');
  type('again');
  await vi.advanceTimersByTimeAsync(450);
  expect(autosave.state.get()).toEqual({ kind: 'refused', message: 'You may not edit.' });
});
