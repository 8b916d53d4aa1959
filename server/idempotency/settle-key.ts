import { type OrganizationId, withTenant } from '@/server/db/transaction';

/** The claim itself (claimKey), not a successor's. */
const mine = (organizationId: OrganizationId, key: string, claim: string) => ({ organizationId, key, status: null, response: claim });

/** Says that the request is still being worked on; call it every few seconds. */
export async function keepClaim(organizationId: OrganizationId, key: string, claim: string): Promise<void> {
  await withTenant(organizationId, (tx) => tx.idempotencyKey.updateMany({ where: mine(organizationId, key, claim), data: { createdAt: new Date() } }));
}

/** Keeps the answer for repetitions. */
export async function storeAnswer(organizationId: OrganizationId, key: string, claim: string, answer: { status: number; body: string }): Promise<void> {
  await withTenant(organizationId, (tx) =>
    tx.idempotencyKey.updateMany({ where: mine(organizationId, key, claim), data: { status: answer.status, response: answer.body } }),
  );
}

/** Gives the key up: the request failed and changed nothing, so it may be sent again. */
export async function releaseKey(organizationId: OrganizationId, key: string, claim: string): Promise<void> {
  await withTenant(organizationId, (tx) => tx.idempotencyKey.deleteMany({ where: mine(organizationId, key, claim) }));
}
