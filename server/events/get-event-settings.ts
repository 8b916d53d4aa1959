import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';

/** How the organization's event bus is set. */
export async function getEventSettings(ctx: Context): Promise<{ keepRunEvents: boolean }> {
  authorize(ctx, 'event:read');
  const { organizationId } = ctx;
  const kept = await withTenant(organizationId, (tx) => tx.eventInterest.findFirst({ where: { organizationId, source: 'keep' }, select: { type: true } }));
  return { keepRunEvents: kept !== null };
}
