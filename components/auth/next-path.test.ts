import { expect, it } from 'vitest';
import { safeNextPath } from './next-path';

it('keeps paths of this site with their query', () => {
  expect(safeNextPath('/acme/runs?status=failed#top')).toBe('/acme/runs?status=failed#top');
});

it.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  'javascript:alert(1)',
  '/.//evil.example',
  '/signin?next=/',
  '/api/auth/signout',
  '',
  null,
  undefined,
  ['/a'],
])('sends %j to the fallback', (next) => {
  expect(safeNextPath(next, '/home')).toBe('/home');
});
