import type { Context } from '@/server/auth/context';
import type { Transaction } from '@/server/db/transaction';
import { hookUrl } from './hook-url';

/** A trigger as people and programs see it. */
export interface TriggerEntry {
  type: string;
  /** place among the version's triggers, as in `layout` */
  position: number;
  settings: Record<string, unknown>;
  /** the address of a webhook; knowing it is the right to call it */
  url?: string;
  /** of a schedule: when it fires next */
  nextAt?: string;
}

/** The triggers of a workflow's current version, in their order. The caller has authorized `workflow:read`. */
export async function triggersOf(tx: Transaction, ctx: Context, workflowId: string): Promise<TriggerEntry[]> {
  const rows = await tx.trigger.findMany({ where: { organizationId: ctx.organizationId, workflowId }, orderBy: { position: 'asc' } });
  return rows.map((row) => ({
    type: row.type,
    position: row.position,
    settings: row.settings as Record<string, unknown>,
    ...(row.token ? { url: hookUrl(row.token) } : {}),
    ...(row.nextAt ? { nextAt: row.nextAt.toISOString() } : {}),
  }));
}
