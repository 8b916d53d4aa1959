import type { Role } from '@/core/permissions';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';

export interface Member {
  userId: string;
  name: string;
  email: string;
  role: Role;
  joinedAt: string;
}

/** The members of the organization, the longest-standing first. */
export async function listMembers(ctx: Context): Promise<Member[]> {
  authorize(ctx, 'member:read');
  const rows = await withTenant(ctx.organizationId, (tx) =>
    tx.membership.findMany({
      where: { organizationId: ctx.organizationId },
      include: { user: { select: { name: true, email: true } } },
      orderBy: [{ createdAt: 'asc' }, { userId: 'asc' }],
    }),
  );
  return rows.map((m) => ({ userId: m.userId, name: m.user.name, email: m.user.email, role: m.role, joinedAt: m.createdAt.toISOString() }));
}
