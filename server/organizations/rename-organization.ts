import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { renameOrganizationInput } from './schema';

/** Changes the name of the organization; its slug, and so every address, stays. */
export async function renameOrganization(ctx: Context, input: z.input<typeof renameOrganizationInput>): Promise<{ slug: string; name: string }> {
  authorize(ctx, 'organization:update');
  const { name } = parseInput(renameOrganizationInput, input);
  return withTenant(ctx.organizationId, async (tx) => {
    const before = await tx.organization.findUnique({ where: { id: ctx.organizationId } });
    if (!before) throw new NotFound('This organization');
    if (before.name !== name) {
      await tx.organization.update({ where: { id: ctx.organizationId }, data: { name } });
      await audit(tx, ctx, 'organization.update', { type: 'organization', id: before.id, name }, { from: before.name, to: name });
    }
    return { slug: before.slug, name };
  });
}
