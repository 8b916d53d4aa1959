import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';

export interface ProjectSummary {
  id: string;
  slug: string;
  name: string;
  workflows: number;
  createdAt: string;
}

/** The projects of the organization, oldest first, each with how many workflows it holds. */
export async function listProjects(ctx: Context): Promise<ProjectSummary[]> {
  authorize(ctx, 'project:read');
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const rows = await tx.project.findMany({ where: { organizationId }, orderBy: { id: 'asc' } });
    const counts = await tx.workflow.groupBy({ by: ['projectId'], where: { organizationId, deletedAt: null }, _count: { _all: true } });
    const byProject = new Map(counts.map((c) => [c.projectId, c._count._all]));
    return rows.map((p) => ({ id: p.id, slug: p.slug, name: p.name, workflows: byProject.get(p.id) ?? 0, createdAt: p.createdAt.toISOString() }));
  });
}
