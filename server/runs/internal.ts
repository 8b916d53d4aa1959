import type { RunEvent } from '@/core/engine/events';
import type { Context } from '@/server/auth/context';
import type { Transaction } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';

/** A run of the organization, or NotFound. */
export async function requireRun(tx: Transaction, ctx: Context, runId: string) {
  const row = await tx.run.findUnique({ where: { organizationId_id: { organizationId: ctx.organizationId, id: runId } } });
  if (!row) throw new NotFound('This run');
  return row;
}

/** Entries of the log after `after`, in order. */
export async function eventsAfter(tx: Transaction, ctx: Context, runId: string, after: number, limit: number): Promise<RunEvent[]> {
  const rows = await tx.runEvent.findMany({
    where: { organizationId: ctx.organizationId, runId, seq: { gt: after } },
    orderBy: { seq: 'asc' },
    take: limit,
  });
  return rows.map(toEvent);
}

/** An entry of the log from its row. */
export function toEvent({ seq, at, type, path, data }: { seq: number; at: Date; type: string; path: string | null; data: string }): RunEvent {
  return { ...(JSON.parse(data) as object), seq, at: at.getTime(), type, ...(path === null ? {} : { path }) } as RunEvent;
}

/** Whether a run of the organization has this id. */
export async function runExists(tx: Transaction, ctx: Context, id: string): Promise<boolean> {
  return (await tx.run.count({ where: { organizationId: ctx.organizationId, id } })) > 0;
}
