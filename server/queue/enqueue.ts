import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import type { Json } from '@/core/workflow/workflow';
import type { OrganizationId, Transaction } from '@/server/db/transaction';
import type { RunLimits } from './run-limits';

export interface NewRun {
  organizationId: OrganizationId;
  /** UUIDv7; made here when absent */
  id?: string;
  workflowId: string;
  versionId: string;
  trigger: 'manual' | 'api' | 'webhook' | 'schedule' | 'event' | 'retry' | 'workflow';
  startedBy?: string;
  input: Json;
  priority?: number;
  parentRunId?: string;
  retryFrom?: string;
  /** not before this time */
  at?: Date;
  /** what `limitsOfStart` says; absent: the workflow names none */
  limits?: RunLimits | undefined;
}

/** What became of a start. `deduplicated`: nothing was started, the run is that of an earlier start; `debounced`: a run that still waits took the input. */
export interface Submitted {
  runId: string;
  outcome: 'started' | 'deduplicated' | 'debounced';
}

const statement = 'SELECT enqueue_run($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6, $7, $8::smallint, $9::uuid, $10, $11::timestamptz, $12::text[])';
const keyed = `SELECT run AS "runId", outcome
  FROM submit_run($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6, $7, $8::smallint, $9::timestamptz, $10::text[], $11, $12::bigint, $13, $14::bigint, $15::bigint)`;

function values(id: string, run: NewRun): unknown[] {
  const { organizationId, workflowId, versionId, trigger, startedBy, input, priority, parentRunId, retryFrom, at } = run;
  const text = JSON.stringify(input);
  const origin = [parentRunId ?? null, retryFrom ?? null];
  return [organizationId, id, workflowId, versionId, trigger, startedBy ?? null, text, priority ?? 0, ...origin, at ?? null, gatesOf(run)];
}

function keyedValues(id: string, run: NewRun): unknown[] {
  const { dedupe, debounce } = run.limits ?? {};
  const keys = [dedupe?.key ?? null, dedupe?.window ?? null, debounce?.key ?? null, debounce?.wait ?? null, debounce?.maxWait ?? null];
  return [...values(id, run).slice(0, 8), run.at ?? null, gatesOf(run), ...keys];
}

function gatesOf({ limits }: NewRun): string[] | null {
  return limits && limits.gates.length > 0 ? limits.gates : null;
}

function hasKey({ limits }: NewRun): boolean {
  return limits?.dedupe !== undefined || limits?.debounce !== undefined;
}

/**
 * Starts a run in the caller's transaction as its limits say: one with a key may turn out to be a run that is there already. Concurrent starts with the
 * same key take turns.
 */
export async function submitRun(tx: Transaction, run: NewRun): Promise<Submitted> {
  if (!hasKey(run)) return { runId: await enqueueRun(tx, run), outcome: 'started' };
  const [submitted] = await tx.$queryRawUnsafe<Submitted[]>(keyed, ...keyedValues(run.id ?? uuid(), run));
  return submitted as Submitted;
}

/** The same on a connection of the engine, in whatever transaction it has open. */
export async function submitRunOn(client: Pick<pg.ClientBase, 'query'>, run: NewRun): Promise<Submitted> {
  if (!hasKey(run)) return { runId: await enqueueRunOn(client, run), outcome: 'started' };
  const { rows } = await client.query<Submitted>(keyed, keyedValues(run.id ?? uuid(), run));
  return rows[0] as Submitted;
}

/**
 * Puts a run into the queue in the caller's transaction: the run row, the queue row and a NOTIFY, never the tenant row (design §4).
 * It passes the gates of its limits, but its keys do not count: it is always a new run. Returns the run's id. Workers see it when the transaction commits.
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

/** What a run can be told. A `signal` carries `{name, data, port?, error?, by?}` and ends the wait of that name. */
export type MailKind = 'cancel' | 'pause' | 'resume' | 'signal';

/**
 * Sends mail to a run, wherever it is: in a worker, queued or waiting. Read within a second; ignored once the run has ended.
 * With an `id`, mail of that id that was sent before is the same mail: it counts once.
 */
export async function sendToRun(
  tx: Transaction,
  organizationId: OrganizationId,
  runId: string,
  kind: MailKind,
  payload: Json = {},
  id: string = uuid(),
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO run_inbox (organization_id, run_id, id, kind, payload)
    VALUES (${organizationId}::uuid, ${runId}::uuid, ${id}::uuid, ${kind}, ${JSON.stringify(payload)}) ON CONFLICT DO NOTHING`;
  await tx.$executeRaw`SELECT pg_notify('heddle_inbox', ${`${organizationId}:${runId}`})`;
}

/** The same on a connection of the engine. */
export async function sendToRunOn(
  client: Pick<pg.ClientBase, 'query'>,
  organizationId: string,
  runId: string,
  kind: MailKind,
  payload: Json,
  id: string = uuid(),
): Promise<void> {
  await client.query(
    `WITH sent AS (INSERT INTO run_inbox (organization_id, run_id, id, kind, payload) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING 1)
     SELECT pg_notify('heddle_inbox', $1::uuid || ':' || $2::uuid) FROM sent`,
    [organizationId, runId, id, kind, JSON.stringify(payload)],
  );
}
