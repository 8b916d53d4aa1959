import type { Role } from '@/core/permissions';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';

export interface ApiKeySummary {
  id: string;
  name: string;
  /** its first characters */
  prefix: string;
  role: Role;
  createdAt: string;
  createdBy: string | null;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

/** The keys of the organization, newest first; never their secret. */
export async function listApiKeys(ctx: Context): Promise<ApiKeySummary[]> {
  authorize(ctx, 'api-key:read');
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const rows = await tx.apiKey.findMany({ where: { organizationId }, orderBy: { id: 'desc' }, omit: { hash: true } });
    const makers = await tx.membership.findMany({
      where: { organizationId, userId: { in: rows.flatMap((k) => k.createdBy ?? []) } },
      select: { userId: true, user: { select: { name: true } } },
    });
    const names = new Map(makers.map((m) => [m.userId, m.user.name]));
    return rows.map((k) => ({
      id: k.id,
      name: k.name,
      prefix: k.prefix,
      role: k.role,
      createdAt: k.createdAt.toISOString(),
      createdBy: k.createdBy ? (names.get(k.createdBy) ?? 'a former member') : null,
      expiresAt: k.expiresAt?.toISOString() ?? null,
      lastUsedAt: k.lastUsedAt?.toISOString() ?? null,
      revokedAt: k.revokedAt?.toISOString() ?? null,
    }));
  });
}
