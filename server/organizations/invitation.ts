import { createHash } from 'node:crypto';
import { type Role, roleGrants, roles } from '@/core/permissions';
import { type OrganizationId, type Transaction, withCapability } from '@/server/db/transaction';

/** What is stored of an invitation's token. */
export function hashInvitation(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** What makes an invitation open: neither used nor revoked nor expired. */
export const stillOpen = () => ({ acceptedAt: null, revokedAt: null, expiresAt: { gt: new Date() } });

/** The open invitation of a link, before an organization is known; null for any other text. */
export async function findInvitation(token: string) {
  if (!/^[A-Za-z0-9_-]{43}$/.test(token)) return null;
  const row = await withCapability({ inviteHash: hashInvitation(token) }, (tx) =>
    tx.invitation.findFirst({ where: { tokenHash: hashInvitation(token), ...stillOpen() }, omit: { tokenHash: true } }),
  );
  return row && { ...row, organizationId: row.organizationId as OrganizationId };
}

/** Whether the inviter could still invite with this role: the links of somebody who was removed or lost the right end with it. */
export async function inviterMayStill(tx: Transaction, invitation: { organizationId: string; createdBy: string; role: Role }): Promise<boolean> {
  const { organizationId, createdBy: userId, role } = invitation;
  const inviter = await tx.membership.findUnique({ where: { organizationId_userId: { organizationId, userId } } });
  return Boolean(inviter && roleGrants(inviter.role, 'member:invite') && roles.indexOf(role) >= roles.indexOf(inviter.role));
}
