import { expect, it } from 'vitest';
import { beginning } from './beginning';

it('cuts a text, but no character in half', () => {
  expect([beginning('abc', 2), beginning('abc', 3), beginning('abc', 4), beginning('', 2)]).toEqual(['ab', 'abc', 'abc', '']);
  expect([beginning('a😀b', 2), beginning('a😀b', 3), beginning('a😀', 3)]).toEqual(['a', 'a😀', 'a😀']);
});
