import { fromTheStart } from '@/core/engine/checkpoints-to-keep';
import { type ForkPlan, type LogMark, planFork, stepsFrom } from '@/core/engine/plan-fork';
import type { Json, JsonObject, Workflow } from '@/core/workflow/workflow';
import { audit } from '@/server/audit/record';
import type { Context } from '@/server/auth/context';
import type { Transaction } from '@/server/db/transaction';
import { Conflict, Invalid, NotFound } from '@/server/lib/errors';
import { assertSafeJson } from '@/server/lib/safe-json';
import { enqueueRun } from '@/server/queue/enqueue';
import { limitsOfStart } from '@/server/queue/limits-of-start';
import { readVersion, requireWorkflow } from '@/server/workflows';
import { type PriorRun, requireStep } from './retry-one';
import { maxInputBytes, requireFittingInput } from './start-run';

/** What is asked of the new run. */
export interface ForkRequest {
  kind: ForkPlan['kind'];
  from?: string | undefined;
  input?: unknown;
  outputs?: Record<string, unknown> | undefined;
  version: 'same' | 'current' | number;
}

/** What the new run keeps, and what it executes (again). */
export interface Forked {
  runId: string;
  kept: string[];
  again: string[];
}

/** Makes a run from another one in the caller's transaction, with its audit event. The other one is only read. */
export async function makeFork(tx: Transaction, ctx: Context, run: PriorRun, request: ForkRequest, id?: string): Promise<Forked> {
  const { kind, from, input: given, outputs } = request;
  if (given !== undefined) assertSafeJson(given, 'input', { bytes: maxInputBytes });
  if (outputs !== undefined) assertSafeJson(outputs, 'outputs', { bytes: maxInputBytes });
  const { organizationId } = ctx;
  const { version, kept, again, upTo } = await planOf(tx, ctx, run, { ...request, outputs: (outputs ?? {}) as JsonObject });
  const { graph, number } = version;
  const payload = given === undefined ? (JSON.parse(run.input) as Json) : given;
  requireFittingInput(graph, payload);
  const newId = await enqueueRun(tx, {
    organizationId,
    ...(id ? { id } : {}),
    workflowId: run.workflowId,
    versionId: version.id,
    trigger: 'retry',
    startedBy: ctx.actor.id,
    input: payload,
    priority: run.priority,
    parentRunId: run.id,
    retryFrom: from ?? fromTheStart,
    limits: await limitsOfStart(tx, { organizationId, workflowId: run.workflowId, number, settings: graph.settings }, payload),
  });
  const plan: ForkPlan = { kind, keep: kept, upTo, ...(outputs && Object.keys(outputs).length > 0 ? { outputs: outputs as JsonObject } : {}) };
  // partitions are found by the id
  await tx.$executeRaw`UPDATE run SET fork = ${JSON.stringify(plan)} WHERE organization_id = ${organizationId}::uuid AND id = ${newId}::uuid`;
  const details = { runId: newId, ...(from ? { from } : {}), version: number, input: given !== undefined, outputs: Object.keys(outputs ?? {}) };
  await audit(tx, ctx, `run.${kind}`, { type: 'run', id: run.id }, details);
  return { runId: newId, kept, again };
}

/** Which steps a run made from this one would keep, and the version it would be of. Throws Invalid, Conflict, NotFound. */
export async function planOf(
  tx: Transaction,
  ctx: Context,
  run: PriorRun,
  { kind, from: asked, outputs, version: wanted }: Pick<ForkRequest, 'kind' | 'from' | 'version'> & { outputs: JsonObject },
) {
  const version = await versionOf(tx, ctx, run, wanted);
  const before = (await readVersion(tx, ctx, run.versionId)).graph;
  const { graph } = version;
  if (kind === 'replay') return { version, kept: [], again: graph.steps.map((s) => s.id), upTo: 0 };
  const from = asked === undefined ? undefined : requireStep(graph, asked);
  requireEarlier(graph, from, Object.keys(outputs));
  const { marks, upTo } = await readMarks(tx, ctx, run.id);
  return { version, ...planFork(before, graph, marks, { from, outputs }), upTo };
}

async function versionOf(tx: Transaction, ctx: Context, run: PriorRun, wanted: ForkRequest['version']) {
  const workflow = await requireWorkflow(tx, ctx, run.workflowId);
  if (wanted === 'same') return readVersion(tx, ctx, run.versionId);
  if (wanted === 'current') {
    if (!workflow.currentVersionId) throw new Conflict('This workflow was never published: publish it first.');
    return readVersion(tx, ctx, workflow.currentVersionId);
  }
  const where = { organizationId: ctx.organizationId, workflowId: run.workflowId, number: wanted };
  const row = await tx.workflowVersion.findFirst({ where, select: { id: true } });
  if (!row) throw new NotFound('This version');
  return readVersion(tx, ctx, row.id);
}

/** A result can be put in the place of a step's that is not executed: one of the outermost level, and not after `from`. */
function requireEarlier(graph: Workflow, from: string | undefined, ids: string[]): void {
  const later = from === undefined ? new Set<string>() : stepsFrom(graph, from);
  for (const id of ids) {
    const path = `outputs.${id}`;
    const message = later.has(id)
      ? `${id} is executed again, so its output cannot be given; it can of steps before ${from}`
      : graph.steps.some((s) => s.id === id)
        ? undefined
        : requireStep(graph, id, path) && `${id} is inside a loop; give the output of the loop instead`;
    if (message) throw new Invalid(`${path}: ${message}`, [{ path, message }]);
  }
}

/** What of a run's log says which steps have a result, without the results; and its last seq. */
async function readMarks(tx: Transaction, ctx: Context, runId: string): Promise<{ marks: LogMark[]; upTo: number }> {
  const rows = await tx.$queryRaw<{ seq: number; type: LogMark['type']; path: string | null; data: string | null }[]>`
    SELECT seq, type, path, CASE WHEN type = 'step.failed' THEN data END AS data FROM run_event
    WHERE organization_id = ${ctx.organizationId}::uuid AND run_id = ${runId}::uuid
      AND (type = 'run.compensating' OR type IN ('step.succeeded', 'step.skipped', 'step.failed') AND (strpos(path, '[') = 0
           -- what undid something inside a loop
           OR seq > (SELECT min(c.seq) FROM run_event c WHERE c.organization_id = run_event.organization_id AND c.run_id = run_event.run_id AND c.type = 'run.compensating')))
    ORDER BY seq`;
  const [last] = await tx.$queryRaw<{ seq: number | null }[]>`
    SELECT max(seq) AS seq FROM run_event WHERE organization_id = ${ctx.organizationId}::uuid AND run_id = ${runId}::uuid`;
  const marks = rows.map(({ type, path, data }) => {
    const { handled, retryAt } = data === null ? ({} as LogMark) : (JSON.parse(data) as LogMark);
    return { type, path, handled, retryAt };
  });
  return { marks, upTo: last?.seq ?? 0 };
}
