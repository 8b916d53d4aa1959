import { cookies, headers } from 'next/headers';
import { cache } from 'react';
import { Unauthenticated } from '@/server/lib/errors';
import { listOrganizations, type OrganizationSummary } from '@/server/organizations';
import type { Context } from './context';
import { contextOfMember } from './context-of-member';
import { addressOf } from './request';
import { sessionCookie } from './session-cookie';
import { readSession, type SessionUser } from './sessions';

/** The signed-in person of the page being rendered, or null. Once a request. */
export const currentUser = cache(async (): Promise<SessionUser | null> => readSession((await cookies()).get(sessionCookie().name)?.value));

export interface PageSession {
  user: { id: string; name: string; email: string };
  organizations: OrganizationSummary[];
}

/** The signed-in person with their organizations, or null. */
export const pageSession = cache(async (): Promise<PageSession | null> => {
  const user = await currentUser();
  if (!user) return null;
  return { user: { id: user.id, name: user.name, email: user.email }, organizations: await listOrganizations(user.id) };
});

/** Who the signed-in person is in an organization. Throws Unauthenticated without a session, NotFound for a foreign or absent organization. */
export const contextFromSession = cache(async (orgSlug: string): Promise<Context> => {
  const user = await currentUser();
  if (!user) throw new Unauthenticated('Sign in first.');
  return contextOfMember(user, orgSlug, addressOf(await headers()));
});
