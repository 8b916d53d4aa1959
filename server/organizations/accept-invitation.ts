import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import type { SessionUser } from '@/server/auth';
import type { Context } from '@/server/auth/context';
import { forgetMembership } from '@/server/auth/membership-cache';
import { withTenant } from '@/server/db/transaction';
import { Conflict, Forbidden, NotFound } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { findInvitation, inviterMayStill, stillOpen } from './invitation';
import { invitationTokenInput } from './schema';

/**
 * A signed-in person joins by the link of an invitation, which is used up. Throws NotFound for a link that does not work (any more), Forbidden for
 * one made for another address, Conflict for somebody who belongs to the organization already.
 */
export async function acceptInvitation(user: SessionUser, input: z.input<typeof invitationTokenInput>, address: string): Promise<{ slug: string }> {
  const { token } = parseInput(invitationTokenInput, input);
  const invitation = await findInvitation(token);
  if (!invitation) throw new NotFound('This invitation');
  const { organizationId, id, role, email } = invitation;
  if (email && email !== user.email) throw new Forbidden(`This invitation is for ${email}; you are signed in as ${user.email}.`);
  const slug = await withTenant(organizationId, async (tx) => {
    // of two who use the link at once the second finds it used
    const { count } = await tx.invitation.updateMany({ where: { organizationId, id, ...stillOpen() }, data: { acceptedAt: new Date() } });
    if (count === 0 || !(await inviterMayStill(tx, invitation))) throw new NotFound('This invitation');
    const joined = await tx.membership.createMany({ data: [{ organizationId, userId: user.id, role }], skipDuplicates: true });
    if (joined.count === 0) throw new Conflict('You belong to this organization already.');
    const organization = await tx.organization.findUniqueOrThrow({ where: { id: organizationId } });
    const ctx: Context = { actor: { type: 'user', id: user.id, name: user.name, sessionId: user.sessionId }, organizationId, role, address };
    await audit(tx, ctx, 'member.join', { type: 'member', id: user.id, name: user.email }, { role, invitation: id });
    return organization.slug;
  });
  forgetMembership(user.id);
  return { slug };
}
