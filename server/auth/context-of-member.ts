import type { Context } from '@/server/auth/context';
import { NotFound } from '@/server/lib/errors';
import { findMembership } from './membership-cache';
import type { SessionUser } from './sessions';

/** Who a signed-in person is in an organization. Throws NotFound for a foreign one exactly as for an absent one. */
export async function contextOfMember(user: SessionUser, slug: string, address: string): Promise<Context> {
  const membership = /^[a-z0-9][a-z0-9-]{0,62}$/.test(slug) ? await findMembership(user.id, slug) : null;
  if (!membership) throw new NotFound('This organization');
  return {
    actor: { type: 'user', id: user.id, name: user.name, sessionId: user.sessionId },
    organizationId: membership.organizationId,
    role: membership.role,
    address,
  };
}
