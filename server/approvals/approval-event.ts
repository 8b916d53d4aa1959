import type pg from 'pg';
import type { Assignee } from '@/core/node/executor';
import type { Json } from '@/core/workflow/workflow';
import type { Transaction } from '@/server/db/transaction';

export interface ApprovalNews {
  organizationId: string;
  id: string;
  runId: string;
  workflowId: string;
  path: string;
  title: string;
  deadline: Date | null;
  assignees: Assignee[];
}
type Happened = 'requested' | 'reminder' | 'escalated' | 'decided' | 'expired';

/** Publishes `approval.requested` and the like in the transaction of the change, if anybody listens. */
const statement = 'SELECT event_publish($1::uuid, $2, $3, $4, $5::uuid) WHERE event_wanted($1::uuid, $2)';

function values(happened: Happened, news: ApprovalNews, more: { [key: string]: Json }): string[] {
  const { organizationId, id, runId, workflowId, path, title, deadline, assignees } = news;
  const data = { approval: id, title, run: runId, workflow: workflowId, step: path, assignees, deadline: deadline?.toISOString() ?? null, ...more };
  return [organizationId, `approval.${happened}`, id, JSON.stringify(data), runId];
}

export async function publishNews(tx: Transaction, happened: Happened, news: ApprovalNews, more: { [key: string]: Json } = {}): Promise<void> {
  await tx.$executeRawUnsafe(statement, ...values(happened, news, more));
}

/** The same on a connection of the engine. */
export async function publishNewsOn(client: pg.PoolClient, happened: Happened, news: ApprovalNews, more: { [key: string]: Json } = {}): Promise<void> {
  await client.query(statement, values(happened, news, more));
}
