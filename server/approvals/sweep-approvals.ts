import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { ownSignal } from '@/core/workflow/signal-name';
import type { Json } from '@/core/workflow/workflow';
import { logger } from '@/server/lib/logger';
import { enginePool } from '@/server/queue/engine-pool';
import { sendToRunOn } from '@/server/queue/enqueue';
import { type ApprovalNews, publishNewsOn } from './approval-event';
import { fromRow } from './internal';

const batch = 100;
const everyMs = 1_000;
/** looks this often, in sweeps, for approvals whose run has ended */
const endedEvery = 15;
const orphanPage = 5_000;
const nil = '00000000-0000-0000-0000-000000000000';

interface Due {
  organization_id: string;
  id: string;
  run_id: string;
  workflow_id: string;
  path: string;
  try_key: string;
  title: string;
  deadline: Date | null;
  expiry: string | null;
  remind_every: number | null;
  remind_at: Date | null;
  escalate_at: Date | null;
  escalate_to: { kind: string; name: string }[];
  now: Date;
}
type Client = pg.PoolClient;

/**
 * Deadlines, reminders and escalations of all organizations, until `signal` aborts. Any number of processes may do it: a due row is locked while
 * it is dealt with, so each thing happens once.
 */
export async function startApprovalSweep({ signal }: { signal: AbortSignal }): Promise<void> {
  for (let round = 0; !signal.aborted; round++) {
    try {
      while ((await sweepApprovals()) === batch);
      if (round % endedEvery === 0) await cancelOrphans();
    } catch (error) {
      logger.warn({ error: (error as Error).message }, 'approvals could not be looked through');
    }
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}

/** Deals with up to a batch of what is due, and returns how many that were. */
export async function sweepApprovals(): Promise<number> {
  return inTransaction(async (client) => {
    const { rows } = await client.query<Due>(
      `SELECT organization_id, id, run_id, workflow_id, path, try_key, title, deadline, expiry, remind_every, remind_at, escalate_at, escalate_to, clock_timestamp() AS now
         FROM approval WHERE due_at <= clock_timestamp() AND status = 'open' ORDER BY due_at LIMIT ${batch} FOR UPDATE SKIP LOCKED`,
    );
    for (const due of rows) await attempt(client, due);
    return rows.length;
  });
}

/** Where the search for ended runs goes on: of very many open approvals each look takes a part. */
let seen = { organization: nil, run: nil, approval: nil };

/** Closes what nobody needs to decide any more, because its run has ended or is gone. */
export async function cancelOrphans(): Promise<void> {
  const { organization, run, approval } = seen;
  const { rows } = await enginePool().query<{ organization: string; run: string; approval: string; n: number }>(
    `WITH page AS MATERIALIZED (
       SELECT organization_id, run_id, id FROM approval WHERE status = 'open' AND (organization_id, run_id, id) > ($1::uuid, $2::uuid, $3::uuid)
        ORDER BY organization_id, run_id, id LIMIT ${orphanPage}),
     gone AS (
       UPDATE approval a SET status = 'cancelled', due_at = NULL FROM page p LEFT JOIN run r ON r.organization_id = p.organization_id AND r.id = p.run_id
        WHERE a.organization_id = p.organization_id AND a.id = p.id AND a.status = 'open' AND (r.id IS NULL OR r.status IN ('succeeded', 'failed', 'cancelled')))
     SELECT organization_id AS organization, run_id AS run, id AS approval, (SELECT count(*)::int FROM page) AS n FROM page
      ORDER BY organization_id DESC, run_id DESC, id DESC LIMIT 1`,
    [organization, run, approval],
  );
  const [last] = rows;
  seen = last && last.n === orphanPage ? last : { organization: nil, run: nil, approval: nil };
}

/** What cannot be settled is tried again in a minute: it must not hold up the others. */
async function attempt(client: Client, due: Due): Promise<void> {
  await client.query('SAVEPOINT approval');
  try {
    await settle(client, due);
    await client.query('RELEASE SAVEPOINT approval');
  } catch (error) {
    await client.query('ROLLBACK TO SAVEPOINT approval');
    logger.error({ approval: due.id, error: (error as Error).message }, 'an approval could not be seen to');
    await client.query(`UPDATE approval SET due_at = clock_timestamp() + interval '1 min' WHERE organization_id = $1 AND id = $2`, [
      due.organization_id,
      due.id,
    ]);
  }
}

async function settle(client: Client, due: Due): Promise<void> {
  const { organization_id, id, now } = due;
  if (due.deadline && due.deadline <= now) return expire(client, due);
  let { remind_at, escalate_at } = due;
  if (escalate_at && escalate_at <= now) {
    await escalate(client, due);
    escalate_at = null;
  }
  if (remind_at && remind_at <= now) {
    await publishNewsOn(client, 'reminder', await newsOf(client, due));
    // one reminder for all that were missed while nobody looked
    const every = (due.remind_every ?? 0) * 1_000;
    remind_at = every > 0 ? new Date(remind_at.getTime() + Math.ceil((now.getTime() - remind_at.getTime() + 1) / every) * every) : null;
    await client.query('UPDATE approval SET reminders = reminders + 1 WHERE organization_id = $1 AND id = $2', [organization_id, id]);
  }
  await client.query(
    'UPDATE approval SET remind_at = $3, escalate_at = $4, due_at = least(deadline, $3::timestamptz, $4::timestamptz) WHERE organization_id = $1 AND id = $2',
    [organization_id, id, remind_at, escalate_at],
  );
}

/** The deadline decides, as the step said; the same end that the engine comes to when no answer arrives. */
async function expire(client: Client, due: Due): Promise<void> {
  const { organization_id, id, run_id, path, try_key } = due;
  const { rows } = await client.query<{ status: string }>('SELECT status FROM run WHERE organization_id = $1 AND id = $2', [organization_id, run_id]);
  const ended = !rows[0] || ['succeeded', 'failed', 'cancelled'].includes(rows[0].status);
  await client.query('UPDATE approval SET status = $3, due_at = NULL, decided_at = $4 WHERE organization_id = $1 AND id = $2', [
    organization_id,
    id,
    ended ? 'cancelled' : 'expired',
    ended ? null : due.deadline,
  ]);
  if (ended) return;
  const { port, output, error } = (due.expiry ? JSON.parse(due.expiry) : {}) as { port?: string; output?: Json; error?: Json };
  const mail = { name: ownSignal('approval', path, try_key), data: output ?? null, ...(port ? { port } : {}), ...(error ? { error } : {}) };
  await sendToRunOn(client, organization_id, run_id, 'signal', mail, id);
  await publishNewsOn(client, 'expired', await newsOf(client, due), { outcome: error ? 'fail' : (port ?? null) });
}

async function escalate(client: Client, due: Due): Promise<void> {
  const { organization_id, id, escalate_to } = due;
  await client.query(
    `INSERT INTO approval_assignee (organization_id, approval_id, kind, name, added)
     SELECT $1, $2, x.kind, x.name, 'escalated' FROM unnest($3::text[], $4::text[]) x(kind, name) ON CONFLICT DO NOTHING`,
    [organization_id, id, escalate_to.map(({ kind }) => kind), escalate_to.map(({ name }) => name)],
  );
  await client.query('UPDATE approval SET escalated_at = $3 WHERE organization_id = $1 AND id = $2', [organization_id, id, due.now]);
  await publishNewsOn(client, 'escalated', await newsOf(client, due), { to: escalate_to.map(fromRow) });
}

async function newsOf(client: Client, due: Due): Promise<ApprovalNews> {
  const { rows } = await client.query<{ kind: string; name: string }>(
    'SELECT kind, name FROM approval_assignee WHERE organization_id = $1 AND approval_id = $2 ORDER BY kind DESC, name',
    [due.organization_id, due.id],
  );
  const { organization_id: organizationId, run_id: runId, workflow_id: workflowId, id, path, title, deadline } = due;
  return { organizationId, id, runId, workflowId, path, title, deadline, assignees: rows.map(fromRow) };
}

async function inTransaction<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = await enginePool().connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}
