import { expect, it } from 'vitest';
import { testFaults, testStep } from '../test-step';

it('waits for a duration or until a time', async () => {
  expect((await testStep('delay', { for: '1m30s' })).result).toEqual({ wait: { until: 1_090_000 } });
  expect((await testStep('delay', { until: '1970-01-01T01:00:00Z' })).result).toEqual({ wait: { until: 3_600_000 } });
  expect((await testStep('delay', { until: 1_000_001 })).result).toEqual({ wait: { until: 1_000_001 } });
});
it('goes on at once when the time is past', async () => {
  expect((await testStep('delay', { until: '1970-01-01' }, { data: 5 })).output).toBe(5);
});
it('refuses what is no time', async () => {
  await expect(testStep('delay', { until: 'tomorrow-ish' })).rejects.toMatchObject({ code: 'invalid_time', retryable: false });
  await expect(testStep('delay', { until: '9999-01-01' })).rejects.toMatchObject({ code: 'too_long' });
  for (const config of [{}, { for: '5' }, { for: '5 minutes' }, { for: '1m', until: 1 }])
    expect(testFaults('delay', config), JSON.stringify(config)).toContain('for');
});
