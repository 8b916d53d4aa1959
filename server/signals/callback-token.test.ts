import { v7 as uuid } from 'uuid';
import { expect, it } from 'vitest';
import { resetEnv } from '@/server/env';
import { callbackToken, callbackUrl, readCallbackToken } from './callback-token';

resetEnv({ HEDDLE_SECRET: 'a secret of forty characters for a test.', NEXTAUTH_URL: 'https://heddle.example.com' });
const [organizationId, runId] = [uuid(), uuid()];

it('names organization and run, in an address of its own', () => {
  const token = callbackToken(organizationId, runId);
  expect(readCallbackToken(token)).toEqual({ organizationId, runId });
  expect(callbackUrl(organizationId, runId)).toBe(`https://heddle.example.com/callbacks/${token}`);
});
it('is refused when a single character is another, is missing or is too many', () => {
  const token = callbackToken(organizationId, runId);
  for (let i = 0; i < token.length; i++) {
    const other = `${token.slice(0, i)}${token[i] === 'A' ? 'B' : 'A'}${token.slice(i + 1)}`;
    expect(readCallbackToken(other), `character ${i}`).toBeUndefined();
  }
  for (const text of ['', 'nonsense', token.slice(1), `${token}A`, `${token.slice(0, -1)}=`]) expect(readCallbackToken(text), text).toBeUndefined();
});
