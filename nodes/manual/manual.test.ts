import { expect, it } from 'vitest';
import { testFaults } from '../test-step';

it('has no settings', () => {
  expect(testFaults('manual', {})).toEqual([]);
  expect(testFaults('manual', { a: 1 })).not.toEqual([]);
});
