import { expect, it } from 'vitest';
import { formatRelative } from './relative-time';

it('speaks of the past and the future in the largest fitting unit', () => {
  const now = Date.UTC(2026, 0, 15);
  const say = (seconds: number) => formatRelative(now + seconds * 1000, now);
  expect([0, 5, 17, -45, -180, -7200, -86_400, 7200, -5_000_000].map(say)).toEqual([
    'just now',
    'in 5 sec.',
    'in 17 sec.',
    '45 sec. ago',
    '3 min. ago',
    '2 hr. ago',
    'yesterday',
    'in 2 hr.',
    '2 mo. ago',
  ]);
});
