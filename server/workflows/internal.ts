import type { Context } from '@/server/auth/context';
import type { Transaction } from '@/server/db/transaction';
import { Conflict, NotFound } from '@/server/lib/errors';

/** A live workflow of the organization, or NotFound. */
export async function requireWorkflow(tx: Transaction, ctx: Context, id: string) {
  const row = await tx.workflow.findFirst({ where: { organizationId: ctx.organizationId, id, deletedAt: null } });
  if (!row) throw new NotFound('This workflow');
  return row;
}

/** The same with the row locked, so that concurrent publishes and saves take turns. */
export async function lockWorkflow(tx: Transaction, ctx: Context, id: string) {
  await tx.$queryRaw`SELECT id FROM workflow WHERE organization_id = ${ctx.organizationId}::uuid AND id = ${id}::uuid FOR NO KEY UPDATE`;
  return requireWorkflow(tx, ctx, id);
}

/** Throws Conflict when another workflow of the project has this slug. */
export async function requireFreeSlug(tx: Transaction, ctx: Context, projectId: string, slug: string, exceptId?: string): Promise<void> {
  const other = await tx.workflow.findFirst({ where: { organizationId: ctx.organizationId, projectId, slug }, select: { id: true } });
  if (other && other.id !== exceptId) throw slugTaken(slug);
}

/** The answer to a slug that is in use. */
export function slugTaken(slug: string): Conflict {
  return new Conflict(`There is a workflow ${slug} in this project already.`, { slug });
}

/** The first of `slug`, `slug-2`, `slug-3`, … that is free in the project. */
export async function freeSlug(tx: Transaction, ctx: Context, projectId: string, slug: string): Promise<string> {
  const base = slug.slice(0, 56);
  const rows = await tx.workflow.findMany({ where: { organizationId: ctx.organizationId, projectId, slug: { startsWith: base } }, select: { slug: true } });
  const taken = new Set(rows.map((r) => r.slug));
  if (!taken.has(slug)) return slug;
  for (let n = 2; ; n++) if (!taken.has(`${base}-${n}`)) return `${base}-${n}`;
}
