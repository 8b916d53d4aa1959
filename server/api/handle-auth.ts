import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { addressOf, requireSameOrigin } from '@/server/auth';
import { authOptions } from '@/server/auth/options';
import { nameThisSite } from '@/server/env';
import { Forbidden } from '@/server/lib/errors';
import { signUpFromIdentity } from '@/server/organizations';

/** Sign-in, sign-out and the callbacks of providers, by next-auth. */
export async function handleAuthRequest(request: NextRequest, context: { params: Promise<{ nextauth: string[] }> }): Promise<Response> {
  if (request.method !== 'GET') {
    try {
      requireSameOrigin(request.headers);
    } catch (error) {
      if (error instanceof Forbidden) return Response.json({ message: error.message }, { status: 403 });
      throw error;
    }
  }
  nameThisSite();
  const from = { address: addressOf(request.headers), userAgent: request.headers.get('user-agent') ?? '' };
  return NextAuth(request as never, context as never, authOptions(from, signUpFromIdentity)) as Promise<Response>;
}
