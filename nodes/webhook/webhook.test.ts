import { expect, it } from 'vitest';
import { testFaults } from '../test-step';
import definition from './definition';

it('defaults to POST, answered at once', () => {
  expect(definition.config.parse({})).toEqual({ method: 'POST', respond: 'accepted' });
  expect(testFaults('webhook', { method: 'TRACE' })).toEqual(['method']);
  expect(testFaults('webhook', { respond: '' })).toEqual(['respond']);
});
it('says how it answers', () => {
  expect(definition.subtitle?.({})).toBe('POST, answers at once');
  expect(definition.subtitle?.({ method: 'GET', respond: 'last' })).toBe('GET, answers with the result');
  expect(definition.subtitle?.({ respond: 'reply' })).toBe('POST, answers with reply');
});
