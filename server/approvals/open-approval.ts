import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuid } from 'uuid';
import type { ApprovalService } from '@/core/node/executor';
import { type OrganizationId, type Transaction, withTenant } from '@/server/db/transaction';
import { publishNews } from './approval-event';
import { dueAt, storable, strangers, toRow } from './internal';

/** Characters of JSON that are kept of what the decision is about. */
const longestData = 200_000;

/** What the approval step of a workflow asks through. */
export function createApprovals(): ApprovalService {
  return { open: (request) => patiently(() => open(request)) };
}

/** A database that is busy for a moment must not fail a run: asking again changes nothing. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let again = 1; ; again++) {
    try {
      return await work();
    } catch (error) {
      if (again === 5) throw error;
      await sleep(100 * 2 ** again);
    }
  }
}

type Request = Parameters<ApprovalService['open']>[0];

/** Asks once for each run, path and try: a step that is executed again after a crash finds what it asked. */
async function open(request: Request): ReturnType<ApprovalService['open']> {
  // the run's organization, from the engine, which read it from the queue
  const organizationId = request.organizationId as OrganizationId;
  return withTenant(organizationId, async (tx) => {
    const named = [...request.assignees, ...(request.escalation?.to ?? [])];
    const unknown = await strangers(tx, organizationId, named);
    const { runId, path, tryKey } = request;
    const key = { organizationId_runId_path_tryKey: { organizationId, runId, path, tryKey } };
    // two executions at once: the second waits for the first one's row and inserts nothing
    const inserted = await insert(tx, organizationId, request);
    if (!inserted) {
      const known = await tx.approval.findUniqueOrThrow({ where: key, select: { id: true, deadline: true } });
      return { id: known.id, ...(known.deadline ? { deadline: known.deadline.getTime() } : {}), unknown };
    }
    const { assignees, title } = request;
    const deadline = request.deadline === undefined ? null : new Date(request.deadline);
    await publishNews(tx, 'requested', { organizationId, id: inserted.id, runId, workflowId: inserted.workflowId, path, title, deadline, assignees });
    return { id: inserted.id, ...(request.deadline === undefined ? {} : { deadline: request.deadline }), unknown };
  });
}

async function insert(tx: Transaction, organizationId: OrganizationId, request: Request): Promise<{ id: string; workflowId: string } | undefined> {
  const { runId, path, tryKey, form, expiry, escalation, remindEvery } = request;
  const { workflowId } = await tx.run.findUniqueOrThrow({ where: { organizationId_id: { organizationId, id: runId } }, select: { workflowId: true } });
  const id = uuid();
  const deadline = request.deadline === undefined ? null : new Date(request.deadline);
  // the database's clock: this machine's may be wrong
  const [clock] = await tx.$queryRaw<{ now: Date }[]>`SELECT clock_timestamp() AS now`;
  const remindAt = remindEvery && clock ? new Date(clock.now.getTime() + remindEvery) : null;
  const escalateAt = escalation ? new Date(escalation.at) : null;
  const { count } = await tx.approval.createMany({
    data: {
      organizationId,
      id,
      runId,
      workflowId,
      path,
      tryKey,
      title: storable(request.title),
      message: storable(request.message),
      data: shownData(request.data),
      form: form ? JSON.stringify(form) : null,
      deadline,
      expiry: expiry ? JSON.stringify(expiry) : null,
      remindEvery: remindEvery ? Math.round(remindEvery / 1_000) : null,
      remindAt,
      escalateAt,
      escalateTo: (escalation?.to ?? []).map(toRow),
      dueAt: dueAt(deadline, remindAt, escalateAt),
    },
    skipDuplicates: true,
  });
  if (count === 0) return undefined;
  await tx.approvalAssignee.createMany({ data: request.assignees.map((each) => ({ organizationId, approvalId: id, ...toRow(each) })), skipDuplicates: true });
  return { id, workflowId };
}

function shownData(data: Request['data']): string {
  const text = JSON.stringify(data);
  return text.length <= longestData ? text : JSON.stringify({ truncated: `${Math.ceil(text.length / 1_000)} KB of JSON: the step of the run has it.` });
}
