import type { Context } from '@/server/auth/context';
import type { Transaction } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A project by slug or id; without either the oldest one. Throws NotFound. */
export async function requireProject(tx: Transaction, ctx: Context, slugOrId?: string): Promise<{ id: string; slug: string; name: string }> {
  const { organizationId } = ctx;
  const select = { id: true, slug: true, name: true } as const;
  const row =
    slugOrId === undefined
      ? await tx.project.findFirst({ where: { organizationId }, orderBy: { id: 'asc' }, select })
      : uuidPattern.test(slugOrId)
        ? await tx.project.findFirst({ where: { organizationId, id: slugOrId }, select })
        : await tx.project.findFirst({ where: { organizationId, slug: slugOrId }, select });
  if (!row) throw new NotFound('This project');
  return row;
}
