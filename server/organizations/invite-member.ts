import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import { type Role, roles } from '@/core/permissions';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { publicUrl } from '@/server/env';
import { Forbidden } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { hashInvitation } from './invitation';
import { inviteMemberInput } from './schema';

const lifetime = 7 * 86_400_000;

/** Makes a link that lets one person join within 7 days; only its hash is stored. Throws Forbidden for a role above the inviter's own. */
export async function inviteMember(
  ctx: Context,
  input: z.input<typeof inviteMemberInput>,
): Promise<{ id: string /** this once */; url: string; role: Role; expiresAt: string }> {
  authorize(ctx, 'member:invite');
  const { role, email } = parseInput(inviteMemberInput, input);
  const { organizationId, actor } = ctx;
  if (actor.type !== 'user') throw new Forbidden('People are invited by people.');
  if (roles.indexOf(role) < roles.indexOf(ctx.role)) throw new Forbidden(`You cannot invite somebody as ${role}, which is above your own role, ${ctx.role}.`);
  const id = uuid();
  const token = randomBytes(32).toString('base64url');
  const expiresAt = new Date(Date.now() + lifetime);
  await withTenant(organizationId, async (tx) => {
    const data = { organizationId, id, tokenHash: hashInvitation(token), email: email ?? null, role, createdBy: actor.id, expiresAt };
    await tx.invitation.create({ data });
    await audit(tx, ctx, 'member.invite', { type: 'invitation', id, name: email ?? '' }, { role });
  });
  return { id, url: new URL(`/invite/${token}`, publicUrl()).toString(), role, expiresAt: expiresAt.toISOString() };
}
