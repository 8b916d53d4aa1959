import { expect, it } from 'vitest';
import { testFaults } from '../test-step';
import definition from './definition';

it('wants a pattern of event types', () => {
  expect(testFaults('event', { pattern: 'order.*' })).toEqual([]);
  expect(testFaults('event', { pattern: 'Order created' })).toEqual(['pattern']);
  expect(testFaults('event', {})).toEqual(['pattern']);
});
it('says which', () => {
  expect(definition.subtitle?.({ pattern: 'order.*' })).toBe('order.*');
});
