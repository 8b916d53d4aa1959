import { expect, test } from 'vitest';
import { nextTime } from './next-time';

test('fires by the clock of its time zone, over the change to winter time', () => {
  expect(nextTime('0 9 * * *', 'Europe/Berlin', new Date('2026-10-24T08:00:00Z'))?.toISOString()).toBe('2026-10-25T08:00:00.000Z');
  expect(nextTime('0 9 * * *', 'Europe/Berlin', new Date('2026-10-23T08:00:00Z'))?.toISOString()).toBe('2026-10-24T07:00:00.000Z');
});

test('is strictly later than the time given', () => {
  expect(nextTime('*/5 * * * *', 'UTC', new Date('2026-01-01T00:05:00Z'))?.toISOString()).toBe('2026-01-01T00:10:00.000Z');
});

test('refuses what is no pattern and no zone', () => {
  expect(() => nextTime('every day', 'UTC', new Date())).toThrow();
  expect(() => nextTime('0 9 * * *', 'Europe/Nowhere', new Date())).toThrow();
});
