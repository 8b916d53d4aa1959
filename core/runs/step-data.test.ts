import { expect, it } from 'vitest';
import type { Step, Workflow } from '@/core/workflow/workflow';
import { type SettledStep, stepData } from './step-data';

const step = (id: string, dependsOn: Step['dependsOn'], onError?: Step['onError']): Step => ({ id, uses: 'pass', with: {}, dependsOn, onError }) as Step;
const workflow = {
  name: 'w',
  triggers: [],
  settings: {},
  steps: [
    step('a', []),
    step('b', [{ step: 'a' }]),
    step('c', [{ step: 'a' }, { step: 'b' }]),
    step('d', [{ step: 'b', port: 'true' }, { step: 'a' }]),
    step('e', [], { kind: 'goto', step: 'f' }),
    step('f', []),
  ],
} as unknown as Workflow;
const states: Record<string, SettledStep> = {
  a: { status: 'succeeded', output: 1 },
  b: { status: 'succeeded', output: 2, port: 'false' },
  e: { status: 'failed', error: { code: 'x', message: 'no' } },
};
const dataOf = (id: string) => stepData(workflow, id, (of) => states[of], { q: 1 });

it('gives a step what led to it', () => {
  expect(dataOf('a')).toEqual({ q: 1 });
  expect(dataOf('b')).toBe(1);
  expect(dataOf('c')).toEqual({ a: 1, b: 2 });
  expect(dataOf('d'), 'a way not taken hands nothing on').toBe(1);
  expect(dataOf('f')).toEqual({ error: { code: 'x', message: 'no', step: null } });
  expect(dataOf('gone')).toBeUndefined();
});
