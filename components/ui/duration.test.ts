import { expect, it } from 'vitest';
import { formatDuration } from './duration';

it('names a unit for every size of duration and never shows 60 s or 1000 ms', () => {
  const shown = [0.4, 12.6, 999, 1000, 4120, 59_949, 59_951, 125_000, 3_600_000, 3_840_000, 90_000_000].map(formatDuration);
  expect(shown).toEqual(['< 1 ms', '13 ms', '999 ms', '1.0 s', '4.1 s', '59.9 s', '1 min', '2 min 5 s', '1 h', '1 h 4 min', '1 d 1 h']);
});
