import { fromTheStart } from '@/core/engine/checkpoints-to-keep';
import { isTerminal, type RunStatus } from '@/core/engine/events';
import { outermostStep } from '@/core/engine/plan-fork';
import type { Json, Workflow } from '@/core/workflow/workflow';
import { audit } from '@/server/audit/record';
import type { Context } from '@/server/auth/context';
import type { Transaction } from '@/server/db/transaction';
import { Conflict, Invalid } from '@/server/lib/errors';
import { enqueueRun } from '@/server/queue/enqueue';
import { limitsOfStart } from '@/server/queue/limits-of-start';
import { readVersion, requireWorkflow } from '@/server/workflows';
import { requireFittingInput } from './start-run';

/** A row of run, as far as making it anew goes. */
export interface PriorRun {
  id: string;
  workflowId: string;
  versionId: string;
  status: RunStatus;
  input: string;
  error: string | null;
  priority: number;
  /** the run that called it; null: nobody did */
  callerRunId: string | null;
}

/** Retries an ended run in the caller's transaction, with its audit event; its open dead letter is retried with it. Throws Conflict, Invalid, NotFound. */
export async function retryOne(
  tx: Transaction,
  ctx: Context,
  run: PriorRun,
  { from, input: given, id }: { from?: string | undefined; input?: unknown; id?: string | undefined } = {},
): Promise<string> {
  if (!isTerminal(run.status)) throw new Conflict(`This run is ${run.status}: cancel it, or wait until it has ended.`);
  const { organizationId } = ctx;
  await requireWorkflow(tx, ctx, run.workflowId);
  const { number, graph } = await readVersion(tx, ctx, run.versionId);
  const payload = given === undefined ? (JSON.parse(run.input) as Json) : (given as Json);
  requireFittingInput(graph, payload);
  const failedAt = run.error === null ? undefined : (JSON.parse(run.error) as { step?: string }).step;
  const startsOver = given !== undefined || run.status === 'succeeded';
  const retryFrom = from === undefined ? (startsOver ? fromTheStart : failedAt) : requireStep(graph, from);
  const newId = await enqueueRun(tx, {
    organizationId,
    ...(id ? { id } : {}),
    workflowId: run.workflowId,
    versionId: run.versionId,
    trigger: 'retry',
    startedBy: ctx.actor.id,
    input: payload,
    priority: run.priority,
    parentRunId: run.id,
    limits: await limitsOfStart(tx, { organizationId, workflowId: run.workflowId, number, settings: graph.settings }, payload),
    ...(retryFrom === undefined ? {} : { retryFrom }),
  });
  await audit(tx, ctx, 'run.retry', { type: 'run', id: run.id }, { runId: newId, ...(retryFrom ? { from: retryFrom } : {}) });
  await settleDeadLetter(tx, ctx, run.id, newId);
  return newId;
}

/** Whoever retries a run settles its dead letter, so that nobody retries it there once more. */
async function settleDeadLetter(tx: Transaction, ctx: Context, runId: string, retryRunId: string): Promise<void> {
  const { organizationId } = ctx;
  const [letter] = await tx.deadLetter.updateManyAndReturn({
    where: { organizationId, runId, status: 'open' },
    data: { status: 'retried', resolvedBy: ctx.actor.name, resolvedAt: new Date(), retryRunId },
    select: { id: true },
  });
  if (letter) await audit(tx, ctx, 'dead-letter.retry', { type: 'dead-letter', id: letter.id }, { runId, retryRunId });
}

/** The step of this id, of one inside a loop the loop itself: loops run again as a whole. Throws Invalid when there is none. */
export function requireStep(graph: Workflow, id: string, field = 'from'): string {
  const found = outermostStep(graph, id);
  if (found !== undefined) return found;
  const message = `there is no step ${id} in this run; its steps are ${graph.steps.map((s) => s.id).join(', ')}`;
  throw new Invalid(`${field}: ${message}`, [{ path: field, message }]);
}
