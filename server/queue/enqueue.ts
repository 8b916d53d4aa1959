import { v7 as uuid } from 'uuid';
import type { Json } from '@/core/workflow/workflow';
import type { OrganizationId, Transaction } from '@/server/db/transaction';

export interface NewRun {
  organizationId: OrganizationId;
  /** UUIDv7; made here when absent */
  id?: string;
  workflowId: string;
  versionId: string;
  trigger: 'manual' | 'api' | 'webhook' | 'schedule' | 'retry';
  startedBy?: string;
  input: Json;
  priority?: number;
  parentRunId?: string;
  retryFrom?: string;
  /** not before this time */
  at?: Date;
}

/**
 * Puts a run into the queue in the caller's transaction: the run row, the queue row and a NOTIFY, never the tenant row (design §4).
 * Returns the run's id. Workers see it when the transaction commits.
 */
export async function enqueueRun(tx: Transaction, run: NewRun): Promise<string> {
  const id = run.id ?? uuid();
  const later = run.at && run.at.getTime() > Date.now() ? run.at : null;
  await tx.$executeRaw`
    WITH r AS (
      INSERT INTO run (organization_id, id, workflow_id, version_id, trigger, started_by, input, priority, parent_run_id, retry_from)
      VALUES (${run.organizationId}::uuid, ${id}::uuid, ${run.workflowId}::uuid, ${run.versionId}::uuid, ${run.trigger}, ${run.startedBy ?? null},
              ${JSON.stringify(run.input)}, ${run.priority ?? 0}::smallint, ${run.parentRunId ?? null}::uuid, ${run.retryFrom ?? null}))
    INSERT INTO run_queue (organization_id, run_id, priority, state, wake_at)
    VALUES (${run.organizationId}::uuid, ${id}::uuid, ${run.priority ?? 0}::smallint, ${later ? 3 : 0}::smallint, ${later}::timestamptz)`;
  await tx.$executeRaw`SELECT pg_notify('heddle_queue', ${run.organizationId})`;
  return id;
}

/** Sends a command to a run, wherever it is: in a worker, queued or waiting. Takes effect within a second; ignored once the run has ended. */
export async function sendToRun(tx: Transaction, organizationId: OrganizationId, runId: string, kind: 'cancel', payload: Json = {}): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO run_inbox (organization_id, run_id, id, kind, payload)
    VALUES (${organizationId}::uuid, ${runId}::uuid, ${uuid()}::uuid, ${kind}, ${JSON.stringify(payload)})`;
  await tx.$executeRaw`SELECT pg_notify('heddle_inbox', ${`${organizationId}:${runId}`})`;
}
