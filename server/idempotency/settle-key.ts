import { type OrganizationId, withTenant } from '@/server/db/transaction';

const pending = (organizationId: OrganizationId, key: string, requestHash: string) => ({ organizationId, key, requestHash, status: null });

/** Says that the request is still being worked on; call it every few seconds. */
export async function keepClaim(organizationId: OrganizationId, key: string, requestHash: string): Promise<void> {
  await withTenant(organizationId, (tx) => tx.idempotencyKey.updateMany({ where: pending(organizationId, key, requestHash), data: { createdAt: new Date() } }));
}

/** Keeps the answer for repetitions. */
export async function storeAnswer(organizationId: OrganizationId, key: string, requestHash: string, answer: { status: number; body: string }): Promise<void> {
  await withTenant(organizationId, (tx) =>
    tx.idempotencyKey.updateMany({ where: pending(organizationId, key, requestHash), data: { status: answer.status, response: answer.body } }),
  );
}

/** Gives the key up: the request failed and changed nothing, so it may be sent again. */
export async function releaseKey(organizationId: OrganizationId, key: string, requestHash: string): Promise<void> {
  await withTenant(organizationId, (tx) => tx.idempotencyKey.deleteMany({ where: pending(organizationId, key, requestHash) }));
}
