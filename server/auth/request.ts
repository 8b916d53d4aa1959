import { publicUrl } from '@/server/env';
import { Forbidden } from '@/server/lib/errors';

/** Set by the custom server from the socket, whatever the client sent under this name; everything else in headers is hearsay. */
export const addressHeader = 'x-heddle-address';

/** The caller's address, for limits and the audit log. */
export function addressOf(headers: Headers): string {
  return (headers.get(addressHeader) ?? '').slice(0, 100);
}

/**
 * Throws Forbidden when a browser sends this from another site (security.md, Web). Browsers name the Origin of every POST; a program
 * that sends neither Origin nor Sec-Fetch-Site carries nobody's cookies but its own.
 */
export function requireSameOrigin(headers: Headers): void {
  const origin = headers.get('origin');
  if (origin === null) {
    const site = headers.get('sec-fetch-site');
    if (site === null || site === 'same-origin' || site === 'none') return;
  } else if (origin === publicUrl() || (URL.canParse(origin) && new URL(origin).host === headers.get('host'))) return;
  throw new Forbidden('This request came from another site.');
}

/** The value of a cookie in a request. */
export function cookieOf(headers: Headers, name: string): string | undefined {
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
