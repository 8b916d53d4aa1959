import type { z } from 'zod';
import { fromTheStart } from '@/core/engine/checkpoints-to-keep';
import { isTerminal } from '@/core/engine/events';
import type { Json } from '@/core/workflow/workflow';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { Conflict, Invalid } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { assertSafeJson } from '@/server/lib/safe-json';
import { enqueueRun } from '@/server/queue/enqueue';
import { limitsOfStart } from '@/server/queue/limits-of-start';
import { readVersion, requireWorkflow } from '@/server/workflows';
import { requireRun, runExists } from './internal';
import { retryRunInput } from './schema';
import { maxInputBytes, requireFittingInput } from './start-run';

/**
 * Runs an ended run again as a new run of the same version. With `from` what was checkpointed before that step is kept; without, a failed
 * run goes on from where it failed and a succeeded one starts over. Another `input` starts over, since what was kept came from the old one.
 */
export async function retryRun(ctx: Context, input: z.input<typeof retryRunInput>, options: { id?: string } = {}): Promise<{ runId: string }> {
  authorize(ctx, 'run:retry');
  const { runId, from, input: given } = parseInput(retryRunInput, input);
  if (given !== undefined) assertSafeJson(given, 'input', { bytes: maxInputBytes });
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    if (options.id && (await runExists(tx, ctx, options.id))) return { runId: options.id };
    const run = await requireRun(tx, ctx, runId);
    if (!isTerminal(run.status)) throw new Conflict(`This run is ${run.status}: cancel it, or wait until it has ended.`);
    await requireWorkflow(tx, ctx, run.workflowId);
    const { number, graph } = await readVersion(tx, ctx, run.versionId);
    if (from && !graph.steps.some((s) => s.id === from)) {
      const message = `there is no step ${from} in this run; its steps are ${graph.steps.map((s) => s.id).join(', ')}`;
      throw new Invalid(`from: ${message}`, [{ path: 'from', message }]);
    }
    const payload = given === undefined ? (JSON.parse(run.input) as Json) : (given as Json);
    requireFittingInput(graph, payload);
    const failedAt = run.error === null ? undefined : (JSON.parse(run.error) as { step?: string }).step;
    const startsOver = given !== undefined || run.status === 'succeeded';
    const retryFrom = from ?? (startsOver ? fromTheStart : failedAt);
    const newId = await enqueueRun(tx, {
      organizationId,
      ...options,
      workflowId: run.workflowId,
      versionId: run.versionId,
      trigger: 'retry',
      startedBy: ctx.actor.id,
      input: payload,
      priority: run.priority,
      parentRunId: runId,
      limits: await limitsOfStart(tx, { organizationId, workflowId: run.workflowId, number, settings: graph.settings }, payload),
      ...(retryFrom === undefined ? {} : { retryFrom }),
    });
    await audit(tx, ctx, 'run.retry', { type: 'run', id: runId }, { runId: newId, ...(retryFrom ? { from: retryFrom } : {}) });
    return { runId: newId };
  });
}
