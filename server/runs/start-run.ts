import type { z } from 'zod';
import { checkInput } from '@/core/workflow/input';
import type { Json, JsonObject, Workflow } from '@/core/workflow/workflow';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { type Transaction, withTenant } from '@/server/db/transaction';
import { Conflict, Invalid, NotFound } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { assertSafeJson } from '@/server/lib/safe-json';
import { submitRun } from '@/server/queue/enqueue';
import { limitsOfStart } from '@/server/queue/limits-of-start';
import { freezeVersion, readValidDefinition, readVersion, requireWorkflow } from '@/server/workflows';
import { runExists } from './internal';
import { startRunInput } from './schema';

export interface StartedRun {
  runId: string;
  /** the key of the start was used a short while ago: nothing was started, this is the run of then */
  deduplicated?: true;
  /** a run that still waited took the input of this start */
  debounced?: true;
}

/** 10 MB, as much as REST takes */
export const maxInputBytes = 10_485_760;

/**
 * Puts a run into the queue: of the draft (frozen as a version first), of the current version, or of a version by number.
 * Throws Invalid when the draft has errors or the input breaks the workflow's schema; nothing is written then.
 * `options.id` is the id of the run, when the caller had to know it before (never a client's); if that run is there already, it is the answer.
 * A workflow with a dedupe or debounce key may answer with a run that is there already.
 */
export async function startRun(ctx: Context, input: z.input<typeof startRunInput>, options: { id?: string } = {}): Promise<StartedRun> {
  authorize(ctx, 'workflow:execute');
  const given = parseInput(startRunInput, input);
  const payload = given.input ?? {};
  assertSafeJson(payload, 'input', { bytes: maxInputBytes });
  return withTenant(ctx.organizationId, async (tx) => {
    if (options.id && (await runExists(tx, ctx, options.id))) return { runId: options.id };
    const workflow = await requireWorkflow(tx, ctx, given.workflowId);
    const { versionId, number, graph } = await versionToRun(tx, ctx, workflow, given);
    requireFittingInput(graph, payload);
    const { organizationId } = ctx;
    const { runId, outcome } = await submitRun(tx, {
      organizationId,
      ...options,
      workflowId: workflow.id,
      versionId,
      trigger: given.trigger ?? (ctx.actor.type === 'user' ? 'manual' : 'api'),
      startedBy: ctx.actor.id,
      input: payload,
      priority: given.priority ?? graph.settings.priority ?? 0,
      limits: await limitsOfStart(tx, { organizationId, workflowId: workflow.id, number, settings: graph.settings }, payload),
    });
    if (outcome === 'deduplicated') return { runId, deduplicated: true };
    const debounced = outcome === 'debounced' ? { debounced: true as const } : {};
    await audit(tx, ctx, 'workflow.execute', { type: 'workflow', id: workflow.id, name: workflow.title }, { runId, ...debounced });
    return { runId, ...debounced };
  });
}

async function versionToRun(
  tx: Transaction,
  ctx: Context,
  workflow: { id: string; draft: unknown; currentVersionId: string | null },
  given: z.output<typeof startRunInput>,
): Promise<{ versionId: string; number: number | null; graph: Workflow }> {
  if (given.source === 'draft' && given.version === undefined) {
    const read = readValidDefinition(workflow.draft as JsonObject);
    const { id } = await freezeVersion(tx, ctx, workflow.id, read.document, false);
    return { versionId: id, number: null, graph: read.workflow };
  }
  const wanted = given.version === undefined ? workflow.currentVersionId : await idOfVersion(tx, ctx, workflow.id, given.version);
  if (!wanted) throw new Conflict('This workflow was never published: publish it first.');
  const { number, graph } = await readVersion(tx, ctx, wanted);
  return { versionId: wanted, number, graph };
}

async function idOfVersion(tx: Transaction, ctx: Context, workflowId: string, number: number): Promise<string> {
  const row = await tx.workflowVersion.findFirst({ where: { organizationId: ctx.organizationId, workflowId, number }, select: { id: true } });
  if (!row) throw new NotFound('This version');
  return row.id;
}

/** Throws Invalid with a problem for each place where a run's input breaks the workflow's schema. */
export function requireFittingInput(graph: Workflow, input: Json): void {
  const problems = checkInput(graph.input, input);
  const first = problems[0];
  if (first) throw new Invalid(`${first.path}: ${first.message}`, problems);
}
