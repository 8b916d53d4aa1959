import { env } from '@/server/env';

export interface SignInProvider {
  id: string;
  name: string;
}

/** The ways to sign in besides e-mail and password: those whose client id and secret the environment gives. */
export function signInProviders(): SignInProvider[] {
  const e = env();
  const providers: SignInProvider[] = [];
  if (e.GITHUB_CLIENT_ID && e.GITHUB_CLIENT_SECRET) providers.push({ id: 'github', name: 'GitHub' });
  if (e.GOOGLE_CLIENT_ID && e.GOOGLE_CLIENT_SECRET) providers.push({ id: 'google', name: 'Google' });
  if (e.OIDC_ISSUER && e.OIDC_CLIENT_ID && e.OIDC_CLIENT_SECRET) providers.push({ id: 'oidc', name: e.OIDC_NAME });
  return providers;
}
