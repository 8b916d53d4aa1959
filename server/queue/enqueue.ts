import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import type { Json } from '@/core/workflow/workflow';
import type { OrganizationId, Transaction } from '@/server/db/transaction';

export interface NewRun {
  organizationId: OrganizationId;
  /** UUIDv7; made here when absent */
  id?: string;
  workflowId: string;
  versionId: string;
  trigger: 'manual' | 'api' | 'webhook' | 'schedule' | 'event' | 'retry';
  startedBy?: string;
  input: Json;
  priority?: number;
  parentRunId?: string;
  retryFrom?: string;
  /** not before this time */
  at?: Date;
}

const statement = 'SELECT enqueue_run($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6, $7, $8::smallint, $9::uuid, $10, $11::timestamptz)';

function values(id: string, run: NewRun): unknown[] {
  const { organizationId, workflowId, versionId, trigger, startedBy, input, priority, parentRunId, retryFrom, at } = run;
  const text = JSON.stringify(input);
  return [organizationId, id, workflowId, versionId, trigger, startedBy ?? null, text, priority ?? 0, parentRunId ?? null, retryFrom ?? null, at ?? null];
}

/**
 * Puts a run into the queue in the caller's transaction: the run row, the queue row and a NOTIFY, never the tenant row (design §4).
 * Returns the run's id. Workers see it when the transaction commits.
 */
export async function enqueueRun(tx: Transaction, run: NewRun): Promise<string> {
  const id = run.id ?? uuid();
  await tx.$executeRawUnsafe(statement, ...values(id, run));
  return id;
}

/** The same on a connection of the engine, in whatever transaction it has open. */
export async function enqueueRunOn(client: Pick<pg.ClientBase, 'query'>, run: NewRun): Promise<string> {
  const id = run.id ?? uuid();
  await client.query(statement, values(id, run));
  return id;
}

/** Sends a command to a run, wherever it is: in a worker, queued or waiting. Takes effect within a second; ignored once the run has ended. */
export async function sendToRun(tx: Transaction, organizationId: OrganizationId, runId: string, kind: 'cancel', payload: Json = {}): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO run_inbox (organization_id, run_id, id, kind, payload)
    VALUES (${organizationId}::uuid, ${runId}::uuid, ${uuid()}::uuid, ${kind}, ${JSON.stringify(payload)})`;
  await tx.$executeRaw`SELECT pg_notify('heddle_inbox', ${`${organizationId}:${runId}`})`;
}
