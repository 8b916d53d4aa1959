import type { z } from 'zod';
import { isTerminal, type RunStatus } from '@/core/engine/events';
import type { Assignee } from '@/core/node/executor';
import type { Json, JsonObject } from '@/core/workflow/workflow';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { type Transaction, withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { type ApprovalStatus, fromRow, namesOf, readJson, requireApproval, whyNotDecide } from './internal';
import { approvalId } from './schema';

export interface ApprovalDetail {
  id: string;
  title: string;
  /** Markdown */
  message: string;
  status: ApprovalStatus;
  /** what the decision is about */
  data: Json;
  /** JSON Schema of what the decision fills in */
  form: JsonObject | null;
  /** `name`: of a member with that address */
  assignees: (Assignee & { name?: string; added: 'asked' | 'escalated' | 'reassigned' })[];
  run: { id: string; status: RunStatus | null };
  workflow: { id: string; title: string } | null;
  path: string;
  createdAt: string;
  deadline: string | null;
  /** what happens at the deadline, and did when it passed: the exit it takes, or `fail` */
  atDeadline: string | null;
  reminders: number;
  escalateAt: string | null;
  escalatedAt: string | null;
  /** why the caller may not decide; null: they may, while it is open */
  whyNot: string | null;
  decision: { at: string; by: { type: string; name: string } | null; comment: string | null; values: Json } | null;
}

/** One approval with all it takes to decide. Throws NotFound. */
export async function getApproval(ctx: Context, input: z.input<typeof approvalId>): Promise<ApprovalDetail> {
  authorize(ctx, 'approval:read');
  const { id } = parseInput(approvalId, input);
  return withTenant(ctx.organizationId, async (tx) => {
    const row = await requireApproval(tx, ctx, id);
    const { organizationId } = ctx;
    const run = await tx.run.findUnique({ where: { organizationId_id: { organizationId, id: row.runId } }, select: { status: true } });
    const workflow = await tx.workflow.findUnique({ where: { organizationId_id: { organizationId, id: row.workflowId } }, select: { id: true, title: true } });
    const names = await memberNames(tx, ctx, row.assignees);
    const expiry = readJson(row.expiry) as { port?: string; error?: Json } | null;
    // its run has ended, and the sweep has not come by yet
    const status = row.status === 'open' && (!run || isTerminal(run.status)) ? 'cancelled' : (row.status as ApprovalStatus);
    return {
      id: row.id,
      title: row.title,
      message: row.message,
      status,
      data: readJson(row.data),
      form: readJson(row.form) as JsonObject | null,
      assignees: row.assignees.map((each) => ({
        ...fromRow(each),
        ...(each.kind === 'user' && names.has(each.name) ? { name: names.get(each.name) } : {}),
        added: each.added as 'asked',
      })),
      run: { id: row.runId, status: run?.status ?? null },
      workflow,
      path: row.path,
      createdAt: row.createdAt.toISOString(),
      deadline: row.deadline?.toISOString() ?? null,
      atDeadline: expiry ? (expiry.error ? 'fail' : (expiry.port ?? null)) : null,
      reminders: row.reminders,
      escalateAt: row.escalateAt?.toISOString() ?? null,
      escalatedAt: row.escalatedAt?.toISOString() ?? null,
      whyNot: whyNotDecide(ctx, await namesOf(tx, ctx), row.assignees),
      decision: row.decidedAt && {
        at: row.decidedAt.toISOString(),
        by: row.decidedByType ? { type: row.decidedByType, name: row.decidedByName ?? '' } : null,
        comment: row.comment,
        values: readJson(row.values),
      },
    };
  });
}

async function memberNames(tx: Transaction, ctx: Context, assignees: { kind: string; name: string }[]): Promise<Map<string, string>> {
  const addresses = assignees.filter(({ kind }) => kind === 'user').map(({ name }) => name);
  if (addresses.length === 0) return new Map();
  const members = await tx.membership.findMany({
    where: { organizationId: ctx.organizationId, user: { email: { in: addresses } } },
    select: { user: { select: { email: true, name: true } } },
  });
  return new Map(members.map(({ user }) => [user.email.toLowerCase(), user.name]));
}
