import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { forgetMembership } from '@/server/auth/membership-cache';
import { withTenant } from '@/server/db/transaction';
import { Forbidden } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { requireAnotherOwner, requireMember } from './internal';
import { removeMemberInput } from './schema';

/** Removes a member. Only an owner removes an owner; the last owner stays (Conflict). */
export async function removeMember(ctx: Context, input: z.input<typeof removeMemberInput>): Promise<{ userId: string }> {
  authorize(ctx, 'member:remove');
  const { userId } = parseInput(removeMemberInput, input);
  await withTenant(ctx.organizationId, async (tx) => {
    const member = await requireMember(tx, ctx, userId);
    if (member.role === 'owner') {
      if (ctx.role !== 'owner') throw new Forbidden('Only an owner removes an owner.');
      await requireAnotherOwner(tx, ctx, userId);
    }
    await tx.membership.delete({ where: { organizationId_userId: { organizationId: ctx.organizationId, userId } } });
    await audit(tx, ctx, 'member.remove', { type: 'member', id: userId, name: member.user.email }, { role: member.role });
  });
  forgetMembership(userId);
  return { userId };
}
