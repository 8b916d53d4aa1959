import { appClient } from './client';
import type { Prisma } from './generated/client';

export type Transaction = Prisma.TransactionClient;
declare const organizationBrand: unique symbol;
/** An organization id that came from a session, a key or a trigger, never from a request body. Cast only in server/auth and server/db. */
export type OrganizationId = string & { readonly [organizationBrand]: true };

/** Runs `work` in a transaction that sees one organization alone. Never hold it across an HTTP or model call. */
export function withTenant<T>(organizationId: OrganizationId, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return scoped({ 'app.organization_id': organizationId }, work);
}

/** Runs `work` for a signed-in person outside any organization: sees the person's memberships and their organizations. */
export function withUser<T>(userId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return scoped({ 'app.user_id': userId }, work);
}

/** Runs `work` before anyone is known; `capability` shows the one row whose secret the caller knows (API key hash, hook token, hash of an invitation). */
export function withCapability<T>(
  capability: { keyHash?: string; hookToken?: string; inviteHash?: string },
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const { keyHash = '', hookToken = '', inviteHash = '' } = capability;
  return scoped({ 'app.key_hash': keyHash, 'app.hook_token': hookToken, 'app.invite_hash': inviteHash }, work);
}

function scoped<T>(settings: Record<string, string>, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return appClient().$transaction(
    async (tx) => {
      const names = Object.keys(settings);
      const values = Object.values(settings);
      await tx.$executeRawUnsafe(`SELECT ${names.map((n, i) => `set_config('${n}', $${i + 1}, true)`).join(', ')}`, ...values);
      return work(tx);
    },
    { maxWait: 10_000, timeout: 20_000 },
  );
}
