import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { announceRoom, organizationLimit, writeOrganizationLimit } from './internal';
import { setOrganizationLimitInput } from './schema';

/** How many runs of the organization may be executed at the same time. Runs beyond that wait; those that run already go on. */
export async function setOrganizationLimit(ctx: Context, input: z.input<typeof setOrganizationLimitInput>): Promise<{ concurrency: number | null }> {
  authorize(ctx, 'limit:update');
  const { concurrency } = parseInput(setOrganizationLimitInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const { concurrency: from } = await organizationLimit(tx, organizationId);
    if (from !== concurrency) {
      await audit(tx, ctx, 'limit.update', { type: 'organization', id: organizationId }, { from, to: concurrency });
      await announceRoom(tx, organizationId);
      // last: workers wait for this row
      await writeOrganizationLimit(tx, organizationId, concurrency);
    }
    return { concurrency };
  });
}
