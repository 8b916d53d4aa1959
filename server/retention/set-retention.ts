import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { setRetentionInput } from './schema';

/** Says how long the organization keeps its runs. Takes effect at the next pass of the daily job. */
export async function setRetention(ctx: Context, input: z.input<typeof setRetentionInput>): Promise<{ runDays: number | null }> {
  authorize(ctx, 'organization:update');
  const { runDays } = parseInput(setRetentionInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const before = await tx.retentionPolicy.findUnique({ where: { organizationId } });
    await tx.retentionPolicy.upsert({
      where: { organizationId },
      create: { organizationId, runDays },
      update: { runDays, updatedAt: new Date() },
    });
    await audit(tx, ctx, 'organization.update', { type: 'organization', id: organizationId }, { runDays, ...(before ? { formerly: before.runDays } : {}) });
    return { runDays };
  });
}
