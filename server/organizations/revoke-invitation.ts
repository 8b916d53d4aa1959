import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { revokeInvitationInput } from './schema';

/** Ends an invitation: its link no longer works. One that was used or revoked stays as it is. */
export async function revokeInvitation(ctx: Context, input: z.input<typeof revokeInvitationInput>): Promise<{ id: string }> {
  authorize(ctx, 'member:invite');
  const { id } = parseInput(revokeInvitationInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const invitation = await tx.invitation.findUnique({ where: { organizationId_id: { organizationId, id } } });
    if (!invitation) throw new NotFound('This invitation');
    const { count } = await tx.invitation.updateMany({ where: { organizationId, id, acceptedAt: null, revokedAt: null }, data: { revokedAt: new Date() } });
    if (count > 0) await audit(tx, ctx, 'member.uninvite', { type: 'invitation', id, name: invitation.email ?? '' }, { role: invitation.role });
    return { id };
  });
}
