import { cookies } from 'next/headers';
import { cache } from 'react';
import { listOrganizations, type OrganizationSummary } from '@/server/organizations';
import { sessionCookie } from './session-cookie';
import { readSession, type SessionUser } from './sessions';

/** The signed-in person of the page being rendered, or null. Once a request. */
const currentUser = cache(async (): Promise<SessionUser | null> => readSession((await cookies()).get(sessionCookie().name)?.value));

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
