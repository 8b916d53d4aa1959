import type { z } from 'zod';
import type { Failure, RunStatus } from '@/core/engine/events';
import type { Json } from '@/core/workflow/workflow';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { largeReference, loadLarge } from '@/server/blobs';
import { type Transaction, withTenant } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';
import { logger } from '@/server/lib/logger';
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
/** what is read from the blob store at most: so many of the latest entries, none larger than this */
const largeEntries = 10;
const largeBytes = 4_000_000;

/** A dead letter with its whole context: the run, what the step was given, each failure, and the end of the log. */
export async function getDeadLetter(ctx: Context, input: z.input<typeof deadLetterId>): Promise<DeadLetterDetail> {
  authorize(ctx, 'dead-letter:read');
  const { id } = parseInput(deadLetterId, input);
  const { organizationId } = ctx;
  const { ofStep, ...letter } = await withTenant(organizationId, async (tx) => {
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
      ofStep: await rowsOfStep(tx, ctx, summary),
      tail: await logTail(tx, ctx, summary.runId),
    };
  });
  // the blob store is slower than a transaction may be
  return { ...letter, ...(await readStep(organizationId, ofStep)) };
}

interface EventRow {
  seq: number;
  at: Date;
  type: string;
  path: string | null;
  data: string;
}

async function rowsOfStep(tx: Transaction, ctx: Context, { runId, step }: DeadLetterSummary): Promise<EventRow[]> {
  if (step === null) return [];
  // of a step in a loop the letter may name the step alone
  return tx.$queryRaw<EventRow[]>`
    SELECT seq, at, type, path, data FROM run_event
     WHERE organization_id = ${ctx.organizationId}::uuid AND run_id = ${runId}::uuid AND type IN ('step.started', 'step.failed')
       AND (path = ${step} OR starts_with(path, ${`${step}[`})) AND length(data) < ${readableCharacters}
     ORDER BY seq DESC LIMIT 200`;
}

/** `rows`: the latest first. */
async function readStep(organizationId: string, rows: EventRow[]): Promise<Pick<DeadLetterDetail, 'stepInput' | 'failures'>> {
  const failures: DeadLetterDetail['failures'] = [];
  let stepInput: Json | undefined;
  let left = largeEntries;
  for (const { type, at, data } of rows) {
    if (type === 'step.started' && stepInput !== undefined) continue;
    const reference = largeReference(organizationId, data);
    if (reference && (reference.size > largeBytes || --left < 0)) continue;
    const text = await loadLarge(organizationId, data).catch((error: unknown) => {
      logger.warn({ err: error, key: reference?.key }, 'an entry of the log could not be read from the blob store');
    });
    if (text === undefined) continue;
    const { attempt = 1, input, error } = JSON.parse(text) as { attempt?: number; input?: Json; error?: Failure };
    stepInput ??= input;
    if (type === 'step.failed' && error) failures.push({ attempt, at: at.toISOString(), error });
  }
  return { stepInput: stepInput ?? null, failures: failures.reverse() };
}

async function logTail(tx: Transaction, ctx: Context, runId: string): Promise<DeadLetterDetail['tail']> {
  const rows = await tx.$queryRaw<EventRow[]>`
    SELECT seq, at, type, path, CASE WHEN length(data) < ${readableCharacters} THEN data ELSE '{}' END AS data FROM run_event
     WHERE organization_id = ${ctx.organizationId}::uuid AND run_id = ${runId}::uuid ORDER BY seq DESC LIMIT ${tailLength}`;
  return rows.reverse().map(({ data, at, path, ...row }) => {
    const head = largeReference(ctx.organizationId ?? '', data)?.head;
    const known = head === undefined ? JSON.parse(data) : { attempt: Number(/"attempt":(\d+)/.exec(head)?.[1] ?? Number.NaN) || null };
    const { attempt, error, message } = known as { attempt?: number; error?: Failure; message?: string };
    return { ...row, at: at.toISOString(), path: path || null, attempt: attempt ?? null, message: error?.message ?? message ?? null };
  });
}
