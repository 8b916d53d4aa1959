import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import type { Trigger, Workflow } from '@/core/workflow/workflow';
import type { Context } from '@/server/auth/context';
import type { Transaction } from '@/server/db/transaction';
import { Invalid } from '@/server/lib/errors';
import { expectChange } from './find-hook';
import { matchTriggers, sameJson } from './match-triggers';
import { nextTime } from './next-time';

/**
 * Rewrites a workflow's triggers when a version becomes current, in the transaction that makes it so. Hook addresses are kept (matchTriggers),
 * and a schedule that did not change keeps its next time. With `undefined` as the workflow (deleted, or without a current version) all end.
 */
export async function syncTriggers(tx: Transaction, ctx: Context, { workflowId }: { workflowId: string }, workflow: Workflow | undefined): Promise<void> {
  const { organizationId } = ctx;
  const stored = await tx.trigger.findMany({ where: { organizationId, workflowId }, orderBy: { position: 'asc' } });
  const triggers = workflow?.triggers ?? [];
  const matched = matchTriggers(triggers, stored);
  const kept = new Set(matched.map((t) => t?.id));
  const ended = stored.filter((t) => !kept.has(t.id)).map((t) => t.id);
  if (ended.length > 0) await tx.trigger.deleteMany({ where: { organizationId, id: { in: ended } } });
  for (const [position, trigger] of triggers.entries()) {
    const old = matched[position];
    const unchanged = old !== undefined && sameJson(old.settings, trigger.with);
    const nextAt = unchanged && old.nextAt ? old.nextAt : firstTime(trigger, position);
    const row = { position, settings: trigger.with, nextAt };
    if (!old) {
      const token = trigger.type === 'webhook' ? randomBytes(32).toString('base64url') : null;
      await tx.trigger.create({ data: { organizationId, id: uuid(), workflowId, type: trigger.type, token, ...row } });
    } else if (!unchanged || old.position !== position || old.nextAt?.getTime() !== nextAt?.getTime()) {
      await tx.trigger.update({ where: { organizationId_id: { organizationId, id: old.id } }, data: row });
    }
  }
  await announceTriggers(tx, workflowId);
}

/** Tells schedulers and hook caches, once the transaction commits, that something about how this workflow is started has changed. */
export async function announceTriggers(tx: Transaction, workflowId: string): Promise<void> {
  expectChange(workflowId);
  await tx.$executeRaw`SELECT pg_notify('heddle_trigger', ${workflowId})`;
}

function firstTime(trigger: Trigger, position: number): Date | null {
  if (trigger.type !== 'schedule') return null;
  const { cron, timezone } = trigger.with;
  try {
    return nextTime(String(cron), typeof timezone === 'string' ? timezone : 'UTC', new Date());
  } catch (error) {
    const message = `wants a cron expression and a time zone: ${(error as Error).message}`;
    throw new Invalid(message, [{ path: `workflow.triggers[${position}].schedule.cron`, message }]);
  }
}
