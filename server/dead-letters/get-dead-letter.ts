import type { z } from 'zod';
import type { Failure, RunStatus } from '@/core/engine/events';
import type { Json } from '@/core/workflow/workflow';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { type Transaction, withTenant } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { type DeadLetterSummary, summaryColumns, summaryTables, toSummary } from './list-dead-letters';
import { deadLetterId } from './schema';

export interface DeadLetterDetail extends DeadLetterSummary {
  /** null: the run was removed by the retention policy */
  run: {
    status: RunStatus;
    trigger: string;
    startedBy: string | null;
    input: Json;
    error: Failure | null;
    queuedAt: string;
    startedAt: string | null;
    finishedAt: string | null;
    parentRunId: string | null;
  } | null;
  /** what the step was given at its last attempt, when it was logged */
  stepInput: Json | null;
  /** the failures of the step, the first first */
  failures: { attempt: number; at: string; error: Failure }[];
  /** the end of the run's log, without outputs */
  tail: { seq: number; at: string; type: string; path: string | null; attempt: number | null; message: string | null }[];
}

const tailLength = 40;
const readableCharacters = 300_000;

/** A dead letter with its whole context: the run, what the step was given, each failure, and the end of the log. */
export async function getDeadLetter(ctx: Context, input: z.input<typeof deadLetterId>): Promise<DeadLetterDetail> {
  authorize(ctx, 'dead-letter:read');
  const { id } = parseInput(deadLetterId, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const [row] = await tx.$queryRaw<Parameters<typeof toSummary>[0][]>`
      SELECT ${summaryColumns} FROM ${summaryTables} WHERE d.organization_id = ${organizationId}::uuid AND d.id = ${id}::uuid`;
    if (!row) throw new NotFound('This dead letter');
    const summary = toSummary(row);
    const run = await tx.run.findUnique({ where: { organizationId_id: { organizationId, id: summary.runId } } });
    return {
      ...summary,
      run: run && {
        status: run.status,
        trigger: run.trigger,
        startedBy: run.startedBy,
        input: JSON.parse(run.input) as Json,
        error: run.error === null ? null : (JSON.parse(run.error) as Failure),
        queuedAt: run.queuedAt.toISOString(),
        startedAt: run.startedAt?.toISOString() ?? null,
        finishedAt: run.finishedAt?.toISOString() ?? null,
        parentRunId: run.parentRunId,
      },
      ...(await ofStep(tx, ctx, summary)),
      tail: await logTail(tx, ctx, summary.runId),
    };
  });
}

interface EventRow {
  seq: number;
  at: Date;
  type: string;
  path: string | null;
  data: string;
}

async function ofStep(tx: Transaction, ctx: Context, { runId, step }: DeadLetterSummary): Promise<Pick<DeadLetterDetail, 'stepInput' | 'failures'>> {
  if (step === null) return { stepInput: null, failures: [] };
  // of a step in a loop the letter may name the step alone
  const rows = await tx.$queryRaw<EventRow[]>`
    SELECT seq, at, type, path, data FROM run_event
     WHERE organization_id = ${ctx.organizationId}::uuid AND run_id = ${runId}::uuid AND type IN ('step.started', 'step.failed')
       AND (path = ${step} OR starts_with(path, ${`${step}[`})) AND length(data) < ${readableCharacters}
     ORDER BY seq DESC LIMIT 200`;
  const parsed = rows.map((r) => ({ ...r, data: JSON.parse(r.data) as { attempt?: number; input?: Json; error?: Failure } }));
  const failures = parsed
    .filter((r) => r.type === 'step.failed' && r.data.error)
    .map((r) => ({ attempt: r.data.attempt ?? 1, at: r.at.toISOString(), error: r.data.error as Failure }))
    .reverse();
  return { stepInput: parsed.find((r) => r.data.input !== undefined)?.data.input ?? null, failures };
}

async function logTail(tx: Transaction, ctx: Context, runId: string): Promise<DeadLetterDetail['tail']> {
  const rows = await tx.$queryRaw<EventRow[]>`
    SELECT seq, at, type, path, CASE WHEN length(data) < ${readableCharacters} THEN data ELSE '{}' END AS data FROM run_event
     WHERE organization_id = ${ctx.organizationId}::uuid AND run_id = ${runId}::uuid ORDER BY seq DESC LIMIT ${tailLength}`;
  return rows.reverse().map(({ data, at, path, ...row }) => {
    const { attempt, error, message } = JSON.parse(data) as { attempt?: number; error?: Failure; message?: string };
    return { ...row, at: at.toISOString(), path: path || null, attempt: attempt ?? null, message: error?.message ?? message ?? null };
  });
}
