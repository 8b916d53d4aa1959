import { expect, it } from 'vitest';
import { testStep } from '../test-step';
import definition from './definition';

it('leaves by its ports and hands on data', async () => {
  expect((await testStep('condition', { if: true }, { data: 7 })).result).toEqual({ output: 7, port: 'true' });
  expect((await testStep('condition', { if: false }, { data: 7 })).result).toEqual({ output: 7, port: 'false' });
});
it('refuses what is neither true nor false', async () => {
  await expect(testStep('condition', { if: 'yes' })).rejects.toMatchObject({ code: 'not_boolean', retryable: false });
  await expect(testStep('condition', { if: 1 })).rejects.toThrow('true or false');
});
it('says what it tests', () => expect(definition.subtitle?.({ if: 'data.total > 500' })).toBe('If data.total > 500'));
