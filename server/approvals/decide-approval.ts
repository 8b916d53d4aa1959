import type { z } from 'zod';
import { isTerminal } from '@/core/engine/events';
import { checkInput } from '@/core/workflow/input';
import { ownSignal } from '@/core/workflow/signal-name';
import type { Json, JsonObject } from '@/core/workflow/workflow';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { type Transaction, withTenant } from '@/server/db/transaction';
import { Conflict, Forbidden, Invalid } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { assertSafeJson } from '@/server/lib/safe-json';
import { sendToRun } from '@/server/queue/enqueue';
import { publishNews } from './approval-event';
import { fromRow, namesOf, readJson, requireApproval, storable, whyNotDecide } from './internal';
import { decideApprovalInput } from './schema';

type Row = Awaited<ReturnType<typeof requireApproval>>;

/**
 * Takes the decision that a run waits for: the first one counts, and the run goes on with it. Throws Forbidden for whom it does not ask, Conflict
 * when it was decided, is past its deadline or its step has ended, and Invalid when the values do not fit the form.
 */
export async function decideApproval(
  ctx: Context,
  input: z.input<typeof decideApprovalInput>,
): Promise<{ id: string; status: 'approved' | 'rejected'; decidedAt: string }> {
  authorize(ctx, 'approval:decide');
  const { id, decision, ...given } = parseInput(decideApprovalInput, input);
  const values = given.values ?? {};
  assertSafeJson(values, 'values');
  const comment = given.comment ? storable(given.comment) : null;
  return withTenant(ctx.organizationId, async (tx) => {
    const row = await requireApproval(tx, ctx, id);
    const names = await namesOf(tx, ctx);
    const whyNot = whyNotDecide(ctx, names, row.assignees);
    if (whyNot) throw new Forbidden(whyNot);
    if (row.status === 'open') {
      await requireGoingOn(tx, ctx, row.runId);
      requireFittingValues(readJson(row.form) as JsonObject | null, values, decision);
    }
    const decidedAt = await close(tx, ctx, id, decision, comment, values);
    if (!decidedAt) throw new Conflict(whyClosed(await requireApproval(tx, ctx, id)));
    const at = decidedAt.toISOString();
    const { type, name } = ctx.actor;
    const by = { type, id: ctx.actor.id, name, ...(names.email ? { email: names.email } : {}) };
    const output = { decision, by, at, comment, values };
    await sendToRun(
      tx,
      ctx.organizationId,
      row.runId,
      'signal',
      { name: ownSignal('approval', row.path, row.tryKey), data: output, port: decision, by: name },
      row.id,
    );
    await publishNews(tx, 'decided', { ...row, assignees: row.assignees.map(fromRow) }, { decision, by, comment });
    await audit(tx, ctx, 'approval.decide', { type: 'approval', id, name: row.title }, { decision, runId: row.runId });
    return { id, status: decision, decidedAt: at };
  });
}

async function requireGoingOn(tx: Transaction, ctx: Context, runId: string): Promise<void> {
  const { organizationId } = ctx;
  const run = await tx.run.findUnique({ where: { organizationId_id: { organizationId, id: runId } }, select: { status: true } });
  if (!run || isTerminal(run.status)) throw new Conflict(`The run that asked has ended${run ? ` (${run.status})` : ''}: there is nothing to decide any more.`);
}

/** Of a rejection nothing is required, but what is given has to fit. */
function requireFittingValues(form: JsonObject | null, values: Json, decision: 'approved' | 'rejected'): void {
  const { required: _, ...lenient } = form ?? {};
  const schema = form === null ? { type: 'object', additionalProperties: false } : decision === 'rejected' ? lenient : form;
  const problems = checkInput(schema, values).map(({ path, message }) => ({ path: path.replace(/^input/, 'values'), message }));
  const first = problems[0];
  if (first) throw new Invalid(`${first.path}: ${first.message}`, problems);
}

/** Closes what is open and not past its deadline; of two at once the second finds it closed. */
async function close(tx: Transaction, ctx: Context, id: string, decision: string, comment: string | null, values: Json): Promise<Date | undefined> {
  const { actor, organizationId } = ctx;
  const rows = await tx.$queryRaw<{ decided_at: Date }[]>`
    UPDATE approval SET status = ${decision}, decided_at = clock_timestamp(), decided_by_type = ${actor.type}, decided_by_id = ${actor.id},
           decided_by_name = ${actor.name}, comment = ${comment}, "values" = ${JSON.stringify(values)}, due_at = NULL
     WHERE organization_id = ${organizationId}::uuid AND id = ${id}::uuid AND status = 'open' AND (deadline IS NULL OR deadline > clock_timestamp())
    RETURNING decided_at`;
  return rows[0]?.decided_at;
}

function whyClosed(row: Row): string {
  switch (row.status) {
    case 'approved':
    case 'rejected':
      return `${row.decidedByName || 'Somebody'} has ${row.status} this already.`;
    case 'cancelled':
      return 'The step that asked has ended: there is nothing to decide any more.';
    default:
      return 'The deadline has passed: it is too late to decide.';
  }
}
