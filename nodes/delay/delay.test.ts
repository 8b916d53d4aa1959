import { expect, it } from 'vitest';
import { testFaults, testStep } from '../test-step';

const at = (iso: string) => Date.parse(iso);

it('waits for a duration or until a time', async () => {
  expect((await testStep('delay', { for: '1m30s' })).result).toEqual({ wait: { until: 1_090_000 } });
  expect((await testStep('delay', { until: '1970-01-01T01:00:00Z' })).result).toEqual({ wait: { until: 3_600_000 } });
  expect((await testStep('delay', { until: 1_000_001 })).result).toEqual({ wait: { until: 1_000_001 } });
});
it('waits until the clock of a place shows a time, today or tomorrow, also over a change of the clock', async () => {
  const untilOf = async (until: string, timezone: string | undefined, now: string) => {
    const { result } = await testStep('delay', { until, ...(timezone ? { timezone } : {}) }, { now: at(now) });
    return 'wait' in result && result.wait.until ? new Date(result.wait.until).toISOString() : result;
  };
  expect(await untilOf('09:00', 'Europe/Berlin', '2026-11-21T07:59:00Z')).toBe('2026-11-21T08:00:00.000Z');
  expect(await untilOf('9:00', 'Europe/Berlin', '2026-11-21T08:00:00Z')).toBe('2026-11-22T08:00:00.000Z');
  expect(await untilOf('09:00', undefined, '2026-11-21T08:00:00Z')).toBe('2026-11-21T09:00:00.000Z');
  // the clock goes back in this night
  expect(await untilOf('09:00', 'Europe/Berlin', '2026-10-24T10:00:00Z')).toBe('2026-10-25T08:00:00.000Z');
  expect(await untilOf('2027-01-31T09:00', 'America/New_York', '2026-11-21T08:00:00Z')).toBe('2027-01-31T14:00:00.000Z');
  expect(await untilOf('2027-01-31T09:00:00+01:00', 'America/New_York', '2026-11-21T08:00:00Z')).toBe('2027-01-31T08:00:00.000Z');
});
it('goes on at once when the time is past', async () => {
  expect((await testStep('delay', { until: '1970-01-01' }, { data: 5 })).output).toBe(5);
  expect((await testStep('delay', { until: '2020-01-31T09:00', timezone: 'Asia/Tokyo' }, { data: 6, now: at('2026-01-01') })).output).toBe(6);
});
it('refuses what is no time', async () => {
  await expect(testStep('delay', { until: 'tomorrow-ish' })).rejects.toMatchObject({ code: 'invalid_time', retryable: false });
  await expect(testStep('delay', { until: '25:00' })).rejects.toMatchObject({ code: 'invalid_time' });
  await expect(testStep('delay', { until: '9999-01-01' })).rejects.toMatchObject({ code: 'too_long' });
  for (const config of [{}, { for: '5' }, { for: '5 minutes' }, { for: '1m', until: 1 }])
    expect(testFaults('delay', config), JSON.stringify(config)).toContain('for');
  expect(testFaults('delay', { until: '09:00', timezone: 'Berlin' })).toEqual(['timezone']);
});
