import { checkInput } from '@/core/workflow/input';
import type { Json, Workflow } from '@/core/workflow/workflow';
import type { Context } from '@/server/auth/context';
import type { OrganizationId, Transaction } from '@/server/db/transaction';
import { DomainError } from '@/server/lib/errors';
import { submitRun } from '@/server/queue/enqueue';
import { limitsOfStart } from '@/server/queue/limits-of-start';
import { readVersion } from '@/server/workflows';
import { answerWaits, type WaitKind } from './answer-waits';
import { eventCounts } from './event-counts';
import { anyPasses, listenersFor } from './event-listeners';
import { type Dispatchable, type Outcome, viewOf, type WorkflowRef } from './stored-event';

/** Events that led to an event, beyond which it starts nothing: who reacts to run.failed may fail itself. */
export const maxDepth = 10;
/** after so many ms of filters the process does something else for a moment */
const breathAfter = 10;

/** What event_look tells at the start of a transaction that publishes. */
export interface Look {
  generation: bigint | null;
  at: Date;
  waits: WaitKind[];
}

/** Reads what dispatchEvent needs to know of the organization. */
export async function lookAround(tx: Transaction, organizationId: OrganizationId, prefixes: string[]): Promise<Look> {
  const [row] = await tx.$queryRaw<{ generation: bigint | null; at: Date; waits: string | null }[]>`
    SELECT generation, at, waits FROM event_look(${organizationId}::uuid, ${prefixes})`;
  return { generation: row?.generation ?? null, at: row?.at ?? new Date(), waits: JSON.parse(row?.waits ?? '[]') as WaitKind[] };
}

/**
 * Starts a run of each published workflow with an event trigger that matches, one a workflow, and answers the steps that wait for the event, in the
 * caller's transaction. The one way by which events do anything, whoever published them; the caller stores the outcome with the event.
 */
export async function dispatchEvent(tx: Transaction, organizationId: OrganizationId, event: Dispatchable, look: Look): Promise<Outcome> {
  const outcome: Outcome = { runs: [], leftOut: [] };
  if (event.depth > maxDepth)
    outcome.stopped = `${event.depth} events and runs led to this one, one by one. More than ${maxDepth} look like a loop: nothing is started.`;
  else await startRuns(tx, organizationId, event, look, outcome);
  // what is repeated was heard by those who waited for it
  if (event.replayOf === undefined && look.waits.length > 0) {
    const answered = await answerWaits(tx, organizationId, viewOf(event), look.waits);
    if (answered.length > 0) outcome.answered = answered;
  }
  eventCounts.dispatched++;
  eventCounts.started += outcome.runs.length;
  return outcome;
}

async function startRuns(tx: Transaction, organizationId: OrganizationId, event: Dispatchable, look: Look, outcome: Outcome): Promise<void> {
  const wanted = new Map<string, true | { reason: string }>();
  const view = viewOf(event);
  let since = performance.now();
  for (const [workflowId, listeners] of await listenersFor(tx, organizationId, look.generation, event.type)) {
    if (event.onlyWorkflowId !== undefined && workflowId !== event.onlyWorkflowId) continue;
    const verdict = anyPasses(listeners, view, organizationId);
    if (verdict) wanted.set(workflowId, verdict);
    if (performance.now() - since > breathAfter) {
      await new Promise((resolve) => setImmediate(resolve));
      since = performance.now();
    }
  }
  const ctx = contextOf(organizationId);
  for (const { versionId, ...workflow } of await published(tx, organizationId, [...wanted.keys()])) {
    const verdict = wanted.get(workflow.id);
    if (verdict !== true) {
      if (verdict) outcome.leftOut.push({ workflow, reason: `The filter of its trigger failed: ${verdict.reason}` });
      continue;
    }
    const reason = event.cause.includes(workflow.id)
      ? 'A run of this workflow led to the event; it is not started again, or it could go on for ever.'
      : await start(tx, ctx, event, workflow, versionId, outcome);
    if (reason) outcome.leftOut.push({ workflow, reason });
  }
}

/** Queues a run; returns why there is none instead. */
async function start(
  tx: Transaction,
  ctx: Context,
  event: Dispatchable,
  workflow: WorkflowRef,
  versionId: string,
  outcome: Outcome,
): Promise<string | undefined> {
  const { graph, number } = await readVersion(tx, ctx, versionId);
  const input = inputFor(graph, event);
  const problem = checkInput(graph.input, input)[0];
  if (problem) return `The data of the event does not fit the input schema of the workflow: ${problem.path} ${problem.message}`;
  const { organizationId } = ctx;
  const { settings } = graph;
  const run = { organizationId, workflowId: workflow.id, versionId, input, priority: settings.priority ?? 0, startedBy: `event:${event.id}` };
  try {
    const limits = await limitsOfStart(tx, { organizationId, workflowId: workflow.id, number, settings }, input);
    const submitted = await submitRun(tx, { ...run, trigger: 'event', limits });
    outcome.runs.push({ workflow, runId: submitted.runId, ...(submitted.outcome === 'started' ? {} : { [submitted.outcome]: true }) });
    return undefined;
  } catch (error) {
    // a key that cannot be told from these data, or a limit: no reason to lose the event for the others
    if (error instanceof DomainError) return error.message;
    throw error;
  }
}

/** The published ones among these workflows, the oldest first. */
async function published(tx: Transaction, organizationId: OrganizationId, ids: string[]): Promise<(WorkflowRef & { versionId: string })[]> {
  if (ids.length === 0) return [];
  const rows = await tx.workflow.findMany({
    where: { organizationId, id: { in: ids }, deletedAt: null },
    orderBy: { id: 'asc' },
    select: { id: true, slug: true, currentVersionId: true },
  });
  return rows.flatMap(({ currentVersionId, ...ref }) => (currentVersionId ? [{ ...ref, versionId: currentVersionId }] : []));
}

/** With an input schema the data itself; without one the whole event, with the fields of its data also by their own names, as hooks do. */
function inputFor(graph: Workflow, event: Dispatchable): Json {
  const { data } = event;
  if (graph.input) return data;
  const whole = viewOf(event);
  return data !== null && typeof data === 'object' && !Array.isArray(data) ? { ...data, ...whole } : whole;
}

/** The bus itself as the one who acts. */
function contextOf(organizationId: OrganizationId): Context {
  return { actor: { type: 'system', id: 'events', name: 'event bus' }, organizationId, role: 'operator', address: '' };
}
