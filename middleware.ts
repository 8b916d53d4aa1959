import { type NextRequest, NextResponse } from 'next/server';
import { env } from '@/server/env';
import { reservedSlugs } from '@/server/organizations/reserved-slugs';

/** Pages that anybody may open; every other first segment is an organization, or, when none may be called so, nothing: the layout answers 404. */
const publicPages = new Set(['', 'signin', 'signup', 'store', 'docs', 'status', 'api', 'hooks', 'callbacks', 'embed', 'schemas', 'data', 'images', 'invite']);

/**
 * Headers for every page, and a short way to the sign-in page. This is comfort, never authorization: a cookie's mere presence
 * proves nothing, so every page and verb checks the session itself (security.md R10).
 */
export function middleware(request: NextRequest): NextResponse {
  const { pathname, search } = request.nextUrl;
  const first = pathname.split('/')[1] ?? '';
  // no organization may be called so: signing in would not make it a page
  const absent = reservedSlugs.has(first) && !publicPages.has(first);
  if (!publicPages.has(first) && !absent && !first.includes('.') && !hasSessionCookie(request)) {
    const signIn = request.nextUrl.clone();
    signIn.pathname = '/signin';
    signIn.search = `?next=${encodeURIComponent(pathname + search)}`;
    return secured(NextResponse.redirect(signIn));
  }
  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const policy = contentSecurityPolicy(nonce);
  const headers = new Headers(request.headers);
  // Next reads the nonce from the policy for its own scripts; layouts read x-nonce for Mantine's
  headers.set('x-nonce', nonce);
  // layouts do not know their address; the sign-in page leads back to it
  headers.set('x-path', pathname + search);
  headers.set('x-absent', absent ? '1' : '');
  headers.set('content-security-policy', policy);
  const response = secured(NextResponse.next({ request: { headers } }));
  response.headers.set('content-security-policy', policy);
  return response;
}

function hasSessionCookie(request: NextRequest): boolean {
  // next-auth splits a long one into .0, .1
  return request.cookies.getAll().some(({ name }) => /heddle\.session(\.\d+)?$/.test(name));
}

function contentSecurityPolicy(nonce: string): string {
  const dev = env().NODE_ENV === 'development';
  const directives = [
    `default-src 'self'`,
    // eval is what React's and Next's development tools need
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? ` 'unsafe-eval'` : ''}`,
    // Next's error overlay brings styles without a nonce
    dev ? `style-src 'self' 'unsafe-inline'` : `style-src-elem 'self' 'nonce-${nonce}'; style-src-attr 'unsafe-inline'`,
    `img-src 'self' data: blob:`,
    `font-src 'self' data:`,
    `connect-src 'self'`,
    `worker-src 'self' blob:`,
    `object-src 'none'`,
    `base-uri 'self'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
    ...(overHttps() ? ['upgrade-insecure-requests'] : []),
  ];
  return directives.join('; ');
}

function overHttps(): boolean {
  return env().NEXTAUTH_URL?.startsWith('https://') ?? false;
}

function secured(response: NextResponse): NextResponse {
  response.headers.set('x-content-type-options', 'nosniff');
  response.headers.set('referrer-policy', 'strict-origin-when-cross-origin');
  response.headers.set('x-frame-options', 'DENY');
  response.headers.set('cross-origin-opener-policy', 'same-origin');
  response.headers.set('cross-origin-resource-policy', 'same-origin');
  response.headers.set('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=(), usb=()');
  if (overHttps()) response.headers.set('strict-transport-security', 'max-age=31536000; includeSubDomains');
  return response;
}

export const config = {
  runtime: 'nodejs',
  // everything but what never is a page
  matcher: ['/((?!_next/static|_next/image|favicon.ico).*)'],
};
