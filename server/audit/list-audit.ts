import type { z } from 'zod';
import type { Json } from '@/core/workflow/workflow';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { listAuditInput } from './schema';

export interface AuditEntry {
  id: string;
  at: string;
  actor: { type: string; id: string | null; name: string };
  action: string;
  target: { type: string; id: string; name: string };
  details: Json;
  address: string;
}

/** The audit log, newest first; ids are UUIDv7, so the id is the cursor. */
export async function listAudit(ctx: Context, input: z.input<typeof listAuditInput> = {}): Promise<{ items: AuditEntry[]; nextCursor: string | null }> {
  authorize(ctx, 'audit:read');
  const { action, actorId, targetId, from, to, cursor, limit } = parseInput(listAuditInput, input);
  const rows = await withTenant(ctx.organizationId, (tx) =>
    tx.auditEvent.findMany({
      where: {
        organizationId: ctx.organizationId,
        ...(cursor ? { id: { lt: cursor } } : {}),
        ...(action ? { action: action.endsWith('.') ? { startsWith: action } : action } : {}),
        ...(actorId ? { actorId } : {}),
        ...(targetId ? { targetId } : {}),
        ...(from || to ? { at: { ...(from ? { gte: new Date(from) } : {}), ...(to ? { lt: new Date(to) } : {}) } } : {}),
      },
      orderBy: { id: 'desc' },
      take: limit + 1,
    }),
  );
  const items = rows.slice(0, limit).map((e) => ({
    id: e.id,
    at: e.at.toISOString(),
    actor: { type: e.actorType, id: e.actorId, name: e.actorName },
    action: e.action,
    target: { type: e.targetType, id: e.targetId, name: e.targetName },
    details: e.details as Json,
    address: e.address,
  }));
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
