import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import { matchesEvent } from '@/core/workflow/event-pattern';
import { checkInput } from '@/core/workflow/input';
import type { Json, JsonObject, Workflow } from '@/core/workflow/workflow';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { type Transaction, withTenant } from '@/server/db/transaction';
import { parseInput } from '@/server/lib/parse-input';
import { assertSafeJson } from '@/server/lib/safe-json';
import { enqueueRun } from '@/server/queue/enqueue';
import { readVersion } from '@/server/workflows';
import { publishEventInput } from './schema';

type WorkflowRef = { id: string; slug: string };

export interface PublishedEvent {
  id: string;
  /** what the event started */
  runs: { workflow: WorkflowRef; runId: string }[];
  /** workflows whose trigger matches, but not their input schema */
  leftOut: { workflow: WorkflowRef; reason: string }[];
}

const misfit = 'The data of the event does not fit the input schema of the workflow';

/**
 * Starts a run of each published workflow of the organization with an event trigger that matches, one a workflow, in one transaction.
 * `options.id` is the id of the event, when the caller had to know it before (never a client's); an event that was published already is the answer.
 */
export async function publishEvent(ctx: Context, input: z.input<typeof publishEventInput>, options: { id?: string } = {}): Promise<PublishedEvent> {
  authorize(ctx, 'workflow:execute');
  const { type, subject, data = {} } = parseInput(publishEventInput, input);
  assertSafeJson(data, 'data');
  const id = options.id ?? uuid();
  const event = { type, subject: subject ?? null, data, id, at: new Date().toISOString() };
  return withTenant(ctx.organizationId, async (tx) => {
    const before = options.id && (await publishedBefore(tx, ctx, id));
    if (before) return before;
    const published: PublishedEvent = { id, runs: [], leftOut: [] };
    for (const { versionId, ...workflow } of await listeners(tx, ctx, type)) {
      const { graph } = await readVersion(tx, ctx, versionId);
      const input = inputFor(graph, event);
      const problem = checkInput(graph.input, input)[0];
      if (problem) {
        published.leftOut.push({ workflow, reason: `${misfit}: ${problem.path} ${problem.message}` });
        continue;
      }
      const run = { organizationId: ctx.organizationId, workflowId: workflow.id, versionId, input, priority: graph.settings.priority ?? 0 };
      published.runs.push({ workflow, runId: await enqueueRun(tx, { ...run, trigger: 'event', startedBy: ctx.actor.id }) });
    }
    // without the reasons: they may quote the data
    const details = { runs: published.runs, leftOut: published.leftOut.map(({ workflow }) => workflow) };
    await audit(tx, ctx, 'event.publish', { type: 'event', id, name: type }, details);
    return published;
  });
}

/** The published workflows that wait for events of this type, the oldest first. */
async function listeners(tx: Transaction, ctx: Context, type: string): Promise<(WorkflowRef & { versionId: string })[]> {
  const { organizationId } = ctx;
  const triggers = await tx.trigger.findMany({ where: { organizationId, type: 'event' }, select: { workflowId: true, settings: true } });
  const matching = triggers.filter(({ settings }) => {
    const { pattern } = settings as { pattern?: unknown };
    return typeof pattern === 'string' && matchesEvent(pattern, type);
  });
  if (matching.length === 0) return [];
  const rows = await tx.workflow.findMany({
    where: { organizationId, id: { in: [...new Set(matching.map((t) => t.workflowId))] }, deletedAt: null },
    orderBy: { id: 'asc' },
    select: { id: true, slug: true, currentVersionId: true },
  });
  return rows.flatMap(({ currentVersionId, ...ref }) => (currentVersionId ? [{ ...ref, versionId: currentVersionId }] : []));
}

/** With an input schema the data itself; without one the whole event, with the fields of its data also by their own names, as hooks do. */
function inputFor(graph: Workflow, event: JsonObject & { data: Json }): Json {
  const { data } = event;
  if (graph.input) return data;
  return data !== null && typeof data === 'object' && !Array.isArray(data) ? { ...data, ...event } : event;
}

/** The answer to an event that was published before its process died. The audit log knows; ids hold their time, so only its end is read. */
async function publishedBefore(tx: Transaction, ctx: Context, id: string): Promise<PublishedEvent | undefined> {
  const made = Number.parseInt(id.replace('-', '').slice(0, 12), 16);
  const row = await tx.auditEvent.findFirst({
    where: { organizationId: ctx.organizationId, at: { gte: new Date(made - 60_000) }, action: 'event.publish', targetId: id },
    select: { details: true },
  });
  if (!row) return undefined;
  const { runs, leftOut } = row.details as unknown as { runs: PublishedEvent['runs']; leftOut: WorkflowRef[] };
  return { id, runs, leftOut: leftOut.map((workflow) => ({ workflow, reason: `${misfit}.` })) };
}
