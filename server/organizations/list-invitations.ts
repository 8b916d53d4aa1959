import type { Role } from '@/core/permissions';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { stillOpen } from './invitation';

export interface InvitationSummary {
  id: string;
  /** null: for whoever has the link */
  email: string | null;
  role: Role;
  createdAt: string;
  expiresAt: string;
}

/** The invitations that can still be used, newest first; never their links. */
export async function listInvitations(ctx: Context): Promise<InvitationSummary[]> {
  authorize(ctx, 'member:invite');
  const { organizationId } = ctx;
  const rows = await withTenant(organizationId, (tx) =>
    tx.invitation.findMany({ where: { organizationId, ...stillOpen() }, omit: { tokenHash: true }, orderBy: { id: 'desc' }, take: 200 }),
  );
  return rows.map(({ id, email, role, createdAt, expiresAt }) => ({ id, email, role, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() }));
}
