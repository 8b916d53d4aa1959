import { v7 as uuid } from 'uuid';
import type { Context } from '@/server/auth/context';
import type { Transaction } from '@/server/db/transaction';

interface AuditTarget {
  type: string;
  id: string;
  name?: string;
}

/** Writes an audit event in the transaction of the change it describes. `action` is named like the permission: `workflow.publish`. */
export async function audit(tx: Transaction, ctx: Context, action: string, target: AuditTarget, details: Record<string, unknown> = {}): Promise<void> {
  await tx.auditEvent.create({ data: row(ctx, action, target, details) });
}

/** The same for many changes of one transaction. */
export async function auditMany(
  tx: Transaction,
  entries: { ctx: Context; action: string; target: AuditTarget; details: Record<string, unknown> }[],
): Promise<void> {
  await tx.auditEvent.createMany({ data: entries.map(({ ctx, action, target, details }) => row(ctx, action, target, details)) });
}

function row(ctx: Context, action: string, target: AuditTarget, details: Record<string, unknown>) {
  return {
    organizationId: ctx.organizationId,
    id: uuid(),
    actorType: ctx.actor.type,
    actorId: ctx.actor.id,
    actorName: ctx.actor.name,
    action,
    targetType: target.type,
    targetId: target.id,
    targetName: target.name ?? '',
    details: details as object,
    address: ctx.address,
  };
}
