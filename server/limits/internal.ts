import type { OrganizationId, Transaction } from '@/server/db/transaction';

/** what queue_tenant.cap holds when an organization has no limit */
const unlimited = 1_000_000;

/** The organization's limit; null: none. */
export async function organizationLimit(tx: Transaction, organizationId: OrganizationId): Promise<{ concurrency: number | null; running: number }> {
  const row = await tx.queueTenant.findUnique({ where: { organizationId }, select: { cap: true, running: true } });
  return { concurrency: !row || row.cap >= unlimited ? null : row.cap, running: row?.running ?? 0 };
}

/** Tells workers that there may be room now, once the transaction commits. */
export async function announceRoom(tx: Transaction, organizationId: OrganizationId): Promise<void> {
  await tx.$executeRaw`SELECT pg_notify('heddle_queue', ${organizationId})`;
}

/** Writes the organization's limit. The row is the queue's: workers wait for this transaction. */
export async function writeOrganizationLimit(tx: Transaction, organizationId: OrganizationId, concurrency: number | null): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO queue_tenant (organization_id, cap) VALUES (${organizationId}::uuid, ${concurrency ?? unlimited})
    ON CONFLICT (organization_id) DO UPDATE SET cap = excluded.cap`;
}
