import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration';

it.each([
  ['30s', 30_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['500ms', 500],
  ['2d', 172_800_000],
  ['1w', 604_800_000],
  ['1m30s250ms', 90_250],
  ['0', 0],
  ['0s', 0],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each(['', '30', 's', '30 s', '-1s', '1y', '1e3s', 'PT30S', '9'.repeat(100)])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

it('reads back what it wrote', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e12 }), (ms) => parseDuration(formatDuration(ms)) === ms));
});
