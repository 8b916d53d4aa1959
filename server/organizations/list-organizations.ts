import type { Role } from '@/core/permissions';
import { withUser } from '@/server/db/transaction';

export interface OrganizationSummary {
  id: string;
  slug: string;
  name: string;
  role: Role;
}

/** The organizations a signed-in person belongs to, by name. */
export async function listOrganizations(userId: string): Promise<OrganizationSummary[]> {
  const rows = await withUser(userId, (tx) =>
    tx.membership.findMany({ where: { userId }, include: { organization: true }, orderBy: { organization: { name: 'asc' } } }),
  );
  return rows.map((m) => ({ id: m.organization.id, slug: m.organization.slug, name: m.organization.name, role: m.role }));
}
