import { expect, it } from 'vitest';
import { testStep } from '../test-step';

it('writes a line and hands on data', async () => {
  expect(await testStep('log', { level: 'warn', message: { a: 1 } }, { data: 3 })).toMatchObject({ output: 3, logs: ['warn: {"a":1}'] });
  expect((await testStep('log', { message: 'x'.repeat(20_000) })).logs[0]?.length).toBeLessThan(10_020);
});
