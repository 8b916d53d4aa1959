import { expect, it } from 'vitest';
import { testFaults, testStep } from '../test-step';

it('makes the answer', async () => {
  const { result } = await testStep('respond', { status: 201, headers: { 'X-Total': '3' }, body: { ok: true } });
  expect(result).toEqual({ output: { ok: true }, respond: { status: 201, headers: { 'x-total': '3' }, body: { ok: true } } });
  expect((await testStep('respond', {}, { data: 'in' })).result).toEqual({ output: 'in', respond: { status: 200, headers: {}, body: 'in' } });
});
it.each(['Set-Cookie', 'content-length', 'Transfer-Encoding', 'x y', 'x\r\ny', ''])('refuses the header %j', async (name) => {
  await expect(testStep('respond', { headers: { [name]: '1' } })).rejects.toMatchObject({ code: 'invalid_header', retryable: false });
});
it('refuses values that would split the answer, and odd statuses', async () => {
  await expect(testStep('respond', { headers: { a: 'b\r\nc: d' } })).rejects.toMatchObject({ code: 'invalid_header' });
  await expect(testStep('respond', { headers: { a: '你' } })).rejects.toMatchObject({ code: 'invalid_header' });
  expect(testFaults('respond', { status: 99 })).toEqual(['status']);
  expect(testFaults('respond', { status: '200' })).toEqual(['status']);
});
