import type { z } from 'zod';
import type { Role } from '@/core/permissions';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { forgetMembership } from '@/server/auth/membership-cache';
import { withTenant } from '@/server/db/transaction';
import { Forbidden } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { requireAnotherOwner, requireMember } from './internal';
import { setRoleInput } from './schema';

/** Gives a member another role. Only an owner makes or unmakes owners; the last owner stays one (Conflict). */
export async function setRole(ctx: Context, input: z.input<typeof setRoleInput>): Promise<{ userId: string; role: Role }> {
  authorize(ctx, 'member:update');
  const { userId, role } = parseInput(setRoleInput, input);
  await withTenant(ctx.organizationId, async (tx) => {
    const member = await requireMember(tx, ctx, userId);
    if (member.role === role) return;
    if (ctx.role !== 'owner' && (member.role === 'owner' || role === 'owner')) throw new Forbidden('Only an owner makes or unmakes owners.');
    if (member.role === 'owner') await requireAnotherOwner(tx, ctx, userId);
    await tx.membership.update({ where: { organizationId_userId: { organizationId: ctx.organizationId, userId } }, data: { role } });
    await audit(tx, ctx, 'member.update', { type: 'member', id: userId, name: member.user.email }, { from: member.role, to: role });
  });
  forgetMembership(userId);
  return { userId, role };
}
