import { type Permission, permissionsOf, type Role } from '@/core/permissions';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';

export interface OrganizationDetail {
  id: string;
  slug: string;
  name: string;
  createdAt: string;
  /** of the caller */
  role: Role;
  permissions: Permission[];
  counts: { members: number; projects: number; workflows: number };
}

/** The organization of `ctx`, with what the caller may do in it. */
export async function getOrganization(ctx: Context): Promise<OrganizationDetail> {
  authorize(ctx, 'organization:read');
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const row = await tx.organization.findUnique({ where: { id: organizationId } });
    if (!row) throw new NotFound('This organization');
    const members = await tx.membership.count({ where: { organizationId } });
    const projects = await tx.project.count({ where: { organizationId } });
    const workflows = await tx.workflow.count({ where: { organizationId, deletedAt: null } });
    return {
      id: row.id,
      slug: row.slug,
      name: row.name,
      createdAt: row.createdAt.toISOString(),
      role: ctx.role,
      permissions: permissionsOf(ctx.role),
      counts: { members, projects, workflows },
    };
  });
}
