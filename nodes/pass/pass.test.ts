import { expect, it } from 'vitest';
import { testStep } from '../test-step';

it.each([null, 0, '', 'x', [1, 2], { a: { b: null } }])('hands on %j', async (data) => {
  expect((await testStep('pass', {}, { data })).output).toEqual(data);
});
