import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isEventPattern, matchesEvent } from './event-pattern';

it.each<[string, string, boolean]>([
  ['order.created', 'order.created', true],
  ['order.created', 'order.created.eu', false],
  ['order.*', 'order.created', true],
  ['order.*', 'order', false],
  ['order.*', 'order.created.eu', false],
  ['order.*', 'orders.created', false],
  ['order.**', 'order', true],
  ['order.**', 'order.created.eu', true],
  ['**', 'a.b.c', true],
  ['*', 'a.b', false],
  ['**.failed', 'a.b.failed', true],
  ['**.failed', 'a.failed.b', false],
  ['a.**.b.*.c', 'a.x.b.b.y.c', true],
  ['a.**.b', 'a.b', true],
])('%s and %s: %s', (pattern, type, fits) => {
  expect(matchesEvent(pattern, type)).toBe(fits);
});

it('agrees with a regular expression', () => {
  const names = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 6 });
  const patterns = fc.array(fc.constantFrom('a', 'b', '*', '**'), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(patterns, names, (pattern, type) => {
      const source = pattern.map((each) => (each === '**' ? '(?:\\w\\.)*' : each === '*' ? '\\w\\.' : `${each}\\.`)).join('');
      return matchesEvent(pattern.join('.'), type.join('.')) === new RegExp(`^${source}$`).test(`${type.join('.')}.`);
    }),
  );
});

it('does not take long, whatever the pattern', () => {
  const start = performance.now();
  expect(matchesEvent(`${'**.a.'.repeat(40)}b`, 'a.'.repeat(99).concat('a'))).toBe(false);
  expect(performance.now() - start).toBeLessThan(500);
});

it('knows what is no pattern', () => {
  expect(['order.*', 'a', '**', 'a-b.c_d.**'].map(isEventPattern)).toEqual([true, true, true, true]);
  expect(['', 'Order', 'a..b', 'a.', 'a*', '***', 'a b', `a${'.a'.repeat(100)}`].map(isEventPattern)).toEqual(Array(8).fill(false));
});
