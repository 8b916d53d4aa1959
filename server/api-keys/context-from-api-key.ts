import { LRUCache } from 'lru-cache';
import type { Role } from '@/core/permissions';
import type { Context } from '@/server/auth/context';
import { type OrganizationId, withCapability, withTenant } from '@/server/db/transaction';
import { Unauthenticated } from '@/server/lib/errors';
import { hashApiKey, isApiKey } from './key-format';

interface Known {
  id: string;
  name: string;
  organizationId: OrganizationId;
  role: Role;
  expiresAt: number;
}
interface Shared {
  /** by hash; null: no such key. 3 s, so that a revoked key is out within 5 s in every process */
  keys: LRUCache<string, { known: Known | null }>;
  /** keys whose use was noted in the last minute */
  noted: LRUCache<string, true>;
}
const shared: Shared = ((globalThis as { __heddleApiKeys?: Shared }).__heddleApiKeys ??= {
  keys: new LRUCache({ max: 10_000, ttl: 3_000 }),
  noted: new LRUCache({ max: 10_000, ttl: 60_000 }),
});

/** Who a key stands for. Throws Unauthenticated with the same words for a malformed, unknown, revoked or expired one. */
export async function contextFromApiKey(key: string, address: string): Promise<Context> {
  const known = isApiKey(key) ? await lookUp(hashApiKey(key)) : null;
  if (!known || known.expiresAt <= Date.now()) throw new Unauthenticated('This API key is not valid.');
  noteUse(known);
  return { actor: { type: 'apiKey', id: known.id, name: known.name }, organizationId: known.organizationId, role: known.role, address };
}

/** Empties the cache of this process, after a key was revoked. */
export function forgetApiKeys(): void {
  shared.keys.clear();
}

async function lookUp(hash: string): Promise<Known | null> {
  const hit = shared.keys.get(hash);
  if (hit) return hit.known;
  const row = await withCapability({ keyHash: hash }, (tx) => tx.apiKey.findUnique({ where: { hash } }));
  const known =
    row && !row.revokedAt
      ? {
          id: row.id,
          name: row.name,
          organizationId: row.organizationId as OrganizationId,
          role: row.role,
          expiresAt: row.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
        }
      : null;
  shared.keys.set(hash, { known });
  return known;
}

/** Last use is kept to the minute and written aside: no request waits for it, and losing one is harmless. */
function noteUse({ id, organizationId }: Known): void {
  if (shared.noted.has(id)) return;
  shared.noted.set(id, true);
  withTenant(organizationId, (tx) => tx.apiKey.updateMany({ where: { organizationId, id }, data: { lastUsedAt: new Date() } })).catch(() => {
    shared.noted.delete(id);
  });
}
