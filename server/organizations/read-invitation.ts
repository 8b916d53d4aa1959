import type { z } from 'zod';
import type { Role } from '@/core/permissions';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { findInvitation, inviterMayStill } from './invitation';
import { invitationTokenInput } from './schema';

/** What an invitation offers to whoever has its link; null when it can no longer be used. */
export async function readInvitation(input: z.input<typeof invitationTokenInput>): Promise<{ organization: string; role: Role; email: string | null } | null> {
  const { token } = parseInput(invitationTokenInput, input);
  const invitation = await findInvitation(token);
  if (!invitation) return null;
  const { organizationId, role, email } = invitation;
  return withTenant(organizationId, async (tx) => {
    if (!(await inviterMayStill(tx, invitation))) return null;
    const organization = await tx.organization.findUnique({ where: { id: organizationId } });
    return organization && { organization: organization.name, role, email };
  });
}
