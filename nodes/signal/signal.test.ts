import { expect, it } from 'vitest';
import { testFaults, testStep } from '../test-step';

it('waits for a signal by name, for ever or for a while', async () => {
  expect((await testStep('signal', { name: 'paid' })).result).toEqual({ wait: { kind: 'signal', signal: 'paid', details: { name: 'paid' } } });
  expect((await testStep('signal', { name: 'paid', timeout: '2m', message: 'Money came' })).result).toEqual({
    wait: {
      kind: 'signal',
      signal: 'paid',
      until: 1_120_000,
      expiry: { error: { code: 'wait_timeout', message: 'The signal "paid" did not come within 2m.' } },
      details: { name: 'paid', message: 'Money came' },
    },
  });
});
it('can go on with a default', async () => {
  const { result } = await testStep('signal', { name: 'paid', timeout: '2m', on_timeout: 'continue', default: { paid: false } });
  expect(result).toMatchObject({ wait: { until: 1_120_000, expiry: { output: { paid: false } } } });
  expect((await testStep('signal', { name: 'paid', timeout: '2m', on_timeout: 'continue' })).result).toMatchObject({ wait: { expiry: { output: null } } });
});
it('refuses names that are not for people', () => {
  for (const name of ['', '$approval/x', 'a b', '.a', 'ä', 'x'.repeat(101)]) expect(testFaults('signal', { name }), name).toEqual(['name']);
  for (const name of ['a', 'order.paid', '7-up_', 'x'.repeat(100)]) expect(testFaults('signal', { name }), name).toEqual([]);
  expect(testFaults('signal', { name: 'a', timeout: 'soon', on_timeout: 'maybe' })).toEqual(['timeout', 'on_timeout']);
});
