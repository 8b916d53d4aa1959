import type { Context } from '@/server/auth/context';
import type { Transaction } from '@/server/db/transaction';
import { Conflict, NotFound } from '@/server/lib/errors';

/** The membership of a person in the organization of `ctx`, or NotFound. */
export async function requireMember(tx: Transaction, ctx: Context, userId: string) {
  const member = await tx.membership.findUnique({
    where: { organizationId_userId: { organizationId: ctx.organizationId, userId } },
    include: { user: { select: { id: true, name: true, email: true } } },
  });
  if (!member) throw new NotFound('This member');
  return member;
}

/** Locks the owners of the organization, so that two owners cannot remove each other at once, and throws when `userId` is the only one. */
export async function requireAnotherOwner(tx: Transaction, ctx: Context, userId: string): Promise<void> {
  const owners = await tx.$queryRaw<{ user_id: string }[]>`
    SELECT user_id FROM membership WHERE organization_id = ${ctx.organizationId}::uuid AND role = 'owner' ORDER BY user_id FOR UPDATE`;
  if (!owners.some((o) => o.user_id !== userId)) throw new Conflict('An organization keeps at least one owner: make somebody else an owner first.');
}
