import { expect, it } from 'vitest';
import { testStep } from '../test-step';

const merge = (mode: string, upstream: Record<string, never>) => testStep('merge', { mode }, { upstream }).then((r) => r.output);
const branches = (upstream: object) => upstream as Record<string, never>;

it('merges in its four ways', async () => {
  expect(await merge('byStep', branches({ a: 1, b: [2] }))).toEqual({ a: 1, b: [2] });
  expect(await merge('byStep', branches({ a: 1 }))).toEqual({ a: 1 });
  expect(await merge('append', branches({ a: [1, 2], b: 3, c: null, d: [[4]] }))).toEqual([1, 2, 3, [4]]);
  expect(await merge('combine', branches({ a: { x: 1, y: 1 }, b: { y: 2 } }))).toEqual({ x: 1, y: 2 });
  expect(await merge('first', branches({ a: 'one', b: 'two' }))).toBe('one');
});
it('names the branch that does not fit', async () => {
  await expect(merge('combine', branches({ a: { x: 1 }, b: [1] }))).rejects.toThrow('the step "b" gave a list');
});
it('hands on data as a root', async () => expect((await testStep('merge', {}, { data: { a: 1 } })).output).toEqual({ a: 1 }));
