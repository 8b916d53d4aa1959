import { v7 as uuid } from 'uuid';
import { audit } from '@/server/audit/record';
import type { Context } from '@/server/auth/context';
import type { Prisma } from '@/server/db/generated/client';
import type { Transaction } from '@/server/db/transaction';
import type { ReadDefinition } from './definition';
import { slugTaken } from './internal';
import { makeCurrent } from './make-current';

/** Inserts a workflow in the caller's transaction, published when asked. Throws Conflict when its name is taken in the project. */
export async function insertWorkflow(
  tx: Transaction,
  ctx: Context,
  projectId: string,
  read: ReadDefinition,
  publish: boolean,
): Promise<{ id: string; slug: string; version: number | null }> {
  const { organizationId } = ctx;
  const id = uuid();
  const slug = read.workflow.name;
  const title = read.workflow.title ?? slug;
  const { count } = await tx.workflow.createMany({
    data: [{ organizationId, id, projectId, slug, title, draft: read.document as Prisma.InputJsonObject }],
    skipDuplicates: true,
  });
  if (count === 0) throw slugTaken(slug);
  await audit(tx, ctx, 'workflow.create', { type: 'workflow', id, name: title }, { slug });
  if (!publish) return { id, slug, version: null };
  const version = await makeCurrent(tx, ctx, { id, projectId, currentVersionId: null }, read);
  await audit(tx, ctx, 'workflow.publish', { type: 'workflow', id, name: title }, { version: version.number });
  return { id, slug, version: version.number };
}
