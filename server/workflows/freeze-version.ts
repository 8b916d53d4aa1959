import { v7 as uuid } from 'uuid';
import type { JsonObject } from '@/core/workflow/workflow';
import type { Context } from '@/server/auth/context';
import type { Prisma } from '@/server/db/generated/client';
import type { Transaction } from '@/server/db/transaction';
import { hashJson } from '@/server/lib/canonical-json';

export interface Version {
  id: string;
  number: number | null;
  /** false: an equal version was there already */
  created: boolean;
}

/**
 * Freezes a document as an immutable version of the workflow; an equal one is used again. With `publish` it gets the next number:
 * hold the workflow's lock then. Without, it is a test-run's version and has none.
 */
export async function freezeVersion(tx: Transaction, ctx: Context, workflowId: string, document: JsonObject, publish: boolean): Promise<Version> {
  const { organizationId } = ctx;
  const hash = hashJson(document);
  const equal = await tx.workflowVersion.findFirst({
    where: { organizationId, workflowId, hash, ...(publish ? { number: { not: null } } : {}) },
    orderBy: { number: { sort: 'desc', nulls: 'last' } },
    select: { id: true, number: true },
  });
  if (equal) return { ...equal, created: false };
  const newest = publish ? await tx.workflowVersion.aggregate({ where: { organizationId, workflowId }, _max: { number: true } }) : undefined;
  const number = newest ? (newest._max.number ?? 0) + 1 : null;
  const id = uuid();
  await tx.workflowVersion.create({
    data: { organizationId, id, workflowId, number, definition: document as Prisma.InputJsonObject, hash, createdBy: ctx.actor.id },
  });
  return { id, number, created: true };
}
