import { expect, it } from 'vitest';
import { portsOf } from '@/core/node/definition';
import { testFaults, testStep } from '../test-step';
import definition from './definition';

const cases = (...when: unknown[]) => ({ cases: when.map((w, i) => ({ port: `p${i}`, when: w })) });

it('leaves by the first case that is true, else by default', async () => {
  expect((await testStep('switch', cases(false, true, true), { data: 1 })).result).toEqual({ output: 1, port: 'p1' });
  expect((await testStep('switch', cases(false, false), { data: 1 })).result).toEqual({ output: 1, port: 'default' });
  await expect(testStep('switch', cases('text'))).rejects.toMatchObject({ code: 'not_boolean' });
});
it('has a port a case and one more', () => {
  expect(portsOf(definition, cases('a', 'b')).map((p) => p.id)).toEqual(['p0', 'p1', 'default']);
});
it.each([
  { cases: [] },
  {
    cases: [
      { port: 'a', when: 'x' },
      { port: 'a', when: 'y' },
    ],
  },
  { cases: [{ port: 'default', when: 'x' }] },
  { cases: [{ port: 'error', when: 'x' }] },
  { cases: [{ port: '1 2', when: 'x' }] },
])('refuses %j', (config) => expect(testFaults('switch', config)).not.toEqual([]));
