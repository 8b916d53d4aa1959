import { decode, encode } from 'next-auth/jwt';
import { validate } from 'uuid';
import { deriveKey, publicUrl } from '@/server/env';

/** Thirty days, in seconds: of the token and of its session row. */
export const sessionMaxAge = 30 * 86_400;

/** What signs and encrypts the session token. */
export function sessionSecret(): string {
  return deriveKey('next-auth').toString('base64url');
}

/** Cookies over https carry `__Host-`: only this host, only over TLS, no Domain. On plain-http localhost browsers would refuse that. */
export function sessionCookie(): { name: string; secure: boolean } {
  const secure = publicUrl().startsWith('https:');
  return { name: `${secure ? '__Host-' : ''}heddle.session`, secure };
}

export interface SessionClaims {
  userId: string;
  sessionId: string;
}

/** A token that names a person and a session row. It is no authority by itself: the row must be alive. */
export function encodeSessionToken({ userId, sessionId }: SessionClaims): Promise<string> {
  return encode({ token: { sub: userId, sid: sessionId }, secret: sessionSecret(), maxAge: sessionMaxAge });
}

/** The claims of a token of ours that has not expired; null for anything else. */
export async function decodeSessionToken(token: string): Promise<SessionClaims | null> {
  const claims = await decode({ token, secret: sessionSecret() }).catch(() => null);
  const { sub, sid } = claims ?? {};
  return isUuid(sub) && isUuid(sid) ? { userId: sub, sessionId: sid } : null;
}

function isUuid(value: unknown): value is string {
  return typeof value === 'string' && validate(value);
}
