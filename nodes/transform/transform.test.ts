import { expect, it } from 'vitest';
import { testStep } from '../test-step';
import definition from './definition';

it.each([[{ a: 1 }], ['text'], [[1]], [false], [null]])('gives its resolved value %j', async (value) => {
  expect((await testStep('transform', { value })).output).toEqual(value);
});
it('says what it builds', () => {
  expect(definition.subtitle?.({ value: { total: 1, items: 2 } })).toBe('total, items');
  expect(definition.subtitle?.({ value: '{{ data.total * 2 }}' })).toBe('data.total * 2');
});
