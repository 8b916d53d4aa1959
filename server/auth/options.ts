import type { NextAuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import GitHubProvider from 'next-auth/providers/github';
import GoogleProvider from 'next-auth/providers/google';
import { env } from '@/server/env';
import { TooManyRequests } from '@/server/lib/errors';
import { logger } from '@/server/lib/logger';
import { type ForeignIdentity, personOfIdentity, type Register } from './person-of-identity';
import { encodeSessionToken, sessionCookie, sessionMaxAge, sessionSecret } from './session-cookie';
import { openSession, revokeSession } from './sessions';
import { verifyCredentials } from './verify-credentials';

/**
 * next-auth for one request from this address. Tokens carry a person's and a session row's id, nothing else: what a client sends to
 * `session.update()` is never read. `register` makes the account of somebody who comes from a provider for the first time.
 */
export function authOptions(from: { address: string; userAgent: string }, register: Register): NextAuthOptions {
  const { secure, name } = sessionCookie();
  const cookie = (suffix: string) => ({
    name: `${secure ? '__Host-' : ''}heddle.${suffix}`,
    options: { httpOnly: true, sameSite: 'lax' as const, path: '/', secure },
  });
  return {
    secret: sessionSecret(),
    session: { strategy: 'jwt', maxAge: sessionMaxAge },
    pages: { signIn: '/signin', error: '/signin' },
    useSecureCookies: secure,
    cookies: {
      sessionToken: { ...cookie('session'), name },
      csrfToken: cookie('csrf'),
      callbackUrl: cookie('callback'),
      pkceCodeVerifier: cookie('pkce'),
      state: cookie('state'),
      nonce: cookie('nonce'),
    },
    providers: [credentials(from.address), ...foreignProviders()],
    jwt: { encode: async ({ token }) => encodeSessionToken({ userId: String(token?.sub), sessionId: String(token?.sid) }) },
    callbacks: {
      async signIn({ user, account, profile }) {
        if (!account || account.provider === 'credentials') return Boolean(user.id);
        const identity = foreignIdentity(account.provider, account.providerAccountId, user, profile);
        const id = identity && (await personOfIdentity(identity, from.address, register));
        if (!id) return '/signin?error=OAuthAccountNotLinked';
        user.id = id;
        return true;
      },
      async jwt({ token, user }) {
        // `user` is there at sign-in alone, and came from verifyCredentials or personOfIdentity
        if (user?.id) return { sub: user.id, sid: await openSession(user.id, from) };
        return { sub: token.sub, sid: token.sid };
      },
      session: ({ session, token }) => ({ expires: session.expires, user: { id: token.sub } as object }),
      redirect: ({ url, baseUrl }) => (url.startsWith('/') && !url.startsWith('//') ? `${baseUrl}${url}` : url.startsWith(`${baseUrl}/`) ? url : baseUrl),
    },
    events: {
      async signOut({ token }) {
        if (typeof token?.sub === 'string' && typeof token.sid === 'string') await revokeSession(token.sub, token.sid);
      },
    },
    // metadata may hold a provider's secrets and tokens: of it the error alone is written, and of that its name and message
    logger: {
      error: (code, metadata) => logger.error({ code, ...factsOf(metadata instanceof Error ? metadata : metadata.error) }, 'signing in failed'),
      warn: (code) => logger.warn({ code }, 'next-auth warns'),
      debug: () => {},
    },
  };
}

/** What of an error may stand in a log: Prisma's messages quote the query's values, and end with what was wrong. */
function factsOf(error: unknown): { error: string; reason?: string } {
  if (!(error instanceof Error)) return { error: 'unknown' };
  const { code } = error as { code?: unknown };
  const last = error.message.trim().split('\n').at(-1) ?? '';
  return { error: typeof code === 'string' ? `${error.name} ${code}` : error.name, reason: last.slice(0, 300) };
}

function credentials(address: string) {
  return CredentialsProvider({
    name: 'E-mail and password',
    credentials: { email: { label: 'E-mail', type: 'email' }, password: { label: 'Password', type: 'password' } },
    async authorize(given) {
      try {
        return await verifyCredentials({ email: given?.email, password: given?.password, address });
      } catch (error) {
        // next-auth shows the message of what is thrown here as `error` of signIn()
        if (error instanceof TooManyRequests) throw new Error('TooManyRequests');
        logger.error(factsOf(error), 'credentials cannot be checked');
        throw new Error('Unavailable');
      }
    },
  });
}

function foreignProviders(): NextAuthOptions['providers'] {
  const e = env();
  const providers: NextAuthOptions['providers'] = [];
  if (e.GITHUB_CLIENT_ID && e.GITHUB_CLIENT_SECRET) {
    providers.push(GitHubProvider({ clientId: e.GITHUB_CLIENT_ID, clientSecret: e.GITHUB_CLIENT_SECRET }));
  }
  if (e.GOOGLE_CLIENT_ID && e.GOOGLE_CLIENT_SECRET) {
    providers.push(GoogleProvider({ clientId: e.GOOGLE_CLIENT_ID, clientSecret: e.GOOGLE_CLIENT_SECRET }));
  }
  if (e.OIDC_ISSUER && e.OIDC_CLIENT_ID && e.OIDC_CLIENT_SECRET) {
    providers.push({
      id: 'oidc',
      name: e.OIDC_NAME,
      type: 'oauth',
      wellKnown: `${e.OIDC_ISSUER.replace(/\/$/, '')}/.well-known/openid-configuration`,
      clientId: e.OIDC_CLIENT_ID,
      clientSecret: e.OIDC_CLIENT_SECRET,
      idToken: true,
      checks: ['pkce', 'state', 'nonce'],
      authorization: { params: { scope: 'openid email profile' } },
      profile: (p: { sub: string; name?: string; email?: string }) => ({ id: p.sub, name: p.name ?? null, email: p.email ?? null }),
    });
  }
  return providers;
}

/** What a provider says of a person. An address counts only when the provider has verified it; GitHub's primary address is. */
function foreignIdentity(provider: string, subject: string, user: { name?: string | null; email?: string | null }, profile: unknown): ForeignIdentity | null {
  const verified = provider === 'github' || (profile as { email_verified?: unknown } | undefined)?.email_verified === true;
  return user.email && verified ? { provider, subject, email: user.email, name: user.name ?? '' } : null;
}
