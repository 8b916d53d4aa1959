import { afterAll, beforeAll, expect, it } from 'vitest';
import { processEnvironment, resetEnv } from '@/server/env';
import { cookieOf, requireSameOrigin } from './request';
import { sessionCookie } from './session-cookie';

const given = processEnvironment().NEXTAUTH_URL;
beforeAll(() => {
  resetEnv({ NEXTAUTH_URL: 'https://heddle.example.com', HEDDLE_SECRET: 'x'.repeat(40) });
});
afterAll(() => {
  resetEnv({ NEXTAUTH_URL: given ?? '' });
});

it.each([
  [{ origin: 'https://heddle.example.com', host: 'internal:3000' }, true],
  [{ origin: 'http://127.0.0.1:3000', host: '127.0.0.1:3000' }, true],
  [{ host: 'heddle.example.com' }, true],
  [{ 'sec-fetch-site': 'same-origin' }, true],
  [{ origin: 'https://evil.example.com', host: 'heddle.example.com' }, false],
  [{ origin: 'https://heddle.example.com.evil.com', host: 'heddle.example.com' }, false],
  [{ origin: 'null', host: 'heddle.example.com' }, false],
  [{ 'sec-fetch-site': 'cross-site' }, false],
  [{ 'sec-fetch-site': 'same-site' }, false],
])('%j is of this site: %s', (headers, allowed) => {
  const check = () => {
    requireSameOrigin(new Headers(headers as Record<string, string>));
  };
  if (allowed) expect(check).not.toThrow();
  else expect(check).toThrow('another site');
});

it('binds cookies to the host over https', () => {
  expect(sessionCookie()).toEqual({ name: '__Host-heddle.session', secure: true });
  expect(cookieOf(new Headers({ cookie: 'a=1; heddle.session=abc.d-e_f=; b=2' }), 'heddle.session')).toBe('abc.d-e_f=');
  expect(cookieOf(new Headers({ cookie: 'xheddle.session=1' }), 'heddle.session')).toBeUndefined();
});
