import { LRUCache } from 'lru-cache';
import type { Role } from '@/core/permissions';
import { type OrganizationId, withUser } from '@/server/db/transaction';

/** What a person is in an organization. Cached for 2 s, so that a removed member is out within 5 s in every process. */
export interface Membership {
  organizationId: OrganizationId;
  slug: string;
  name: string;
  role: Role;
}
const shared = ((globalThis as { __heddleMemberships?: LRUCache<string, { membership: Membership | null }> }).__heddleMemberships ??= new LRUCache({
  max: 10_000,
  ttl: 2_000,
}));

/** The membership of a person in the organization with this slug; null when there is none, or no such organization. */
export async function findMembership(userId: string, slug: string): Promise<Membership | null> {
  const key = `${userId} ${slug}`;
  const hit = shared.get(key);
  if (hit) return hit.membership;
  const row = await withUser(userId, (tx) => tx.membership.findFirst({ where: { userId, organization: { slug } }, include: { organization: true } }));
  const membership = row && {
    organizationId: row.organizationId as OrganizationId,
    slug: row.organization.slug,
    name: row.organization.name,
    role: row.role,
  };
  shared.set(key, { membership });
  return membership;
}

/** Drops what is cached about a person in this process, after a change of membership. */
export function forgetMembership(userId: string): void {
  for (const key of shared.keys()) if (key.startsWith(`${userId} `)) shared.delete(key);
}
