import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { checkInput } from '@/core/workflow/input';
import type { Json, JsonObject } from '@/core/workflow/workflow';
import { logger } from '@/server/lib/logger';
import { enginePool } from '@/server/queue/engine-pool';
import { Listener } from '@/server/queue/listener';
import { nextTime } from './next-time';

const batch = 100;
/** looks again at least this often, in case a notification was lost */
const longestSleep = 30_000;

interface Due {
  organization_id: string;
  id: string;
  workflow_id: string;
  version_id: string;
  cron: string | null;
  timezone: string | null;
  schema: JsonObject | null;
  priority: number | null;
  next_at: Date;
  now: Date;
}

const claim = `
  SELECT t.organization_id, t.id, t.workflow_id, w.current_version_id AS version_id, t.settings->>'cron' AS cron, t.settings->>'timezone' AS timezone,
         v.definition->'workflow'->'input' AS schema, (v.definition->'workflow'->'settings'->>'priority')::int AS priority, t.next_at, clock_timestamp() AS now
  FROM trigger t
  JOIN workflow w ON w.organization_id = t.organization_id AND w.id = t.workflow_id AND w.deleted_at IS NULL
  JOIN workflow_version v ON v.organization_id = w.organization_id AND v.id = w.current_version_id
  WHERE t.type = 'schedule' AND t.next_at <= clock_timestamp()
  ORDER BY t.next_at LIMIT ${batch} FOR UPDATE OF t SKIP LOCKED`;
const nextDue = `
  SELECT extract(epoch FROM min(t.next_at) - clock_timestamp())::float8 * 1000 AS ms
  FROM trigger t JOIN workflow w ON w.organization_id = t.organization_id AND w.id = t.workflow_id AND w.deleted_at IS NULL AND w.current_version_id IS NOT NULL
  WHERE t.type = 'schedule' AND t.next_at IS NOT NULL`;

/**
 * Starts runs of schedules until `signal` aborts; resolves when it has stopped. Any number of schedulers may run: a due row is locked while its
 * run is inserted and its next time set, in one transaction, so each time fires exactly once. Times missed while none ran fire once, then go on.
 */
export async function startScheduler({ signal }: { signal: AbortSignal }): Promise<void> {
  let wake = () => {};
  let changed = false;
  const look = () => {
    changed = true;
    wake();
  };
  const listener = new Listener('scheduler', { heddle_trigger: look }, look);
  listener.start().catch((error: Error) => logger.warn({ error: error.message }, 'the scheduler does not hear of changes; it looks every 30 s'));
  signal.addEventListener('abort', look, { once: true });
  try {
    while (!signal.aborted) {
      changed = false;
      const ms = await fireDue().catch((error: Error) => {
        logger.error({ error: error.message }, 'the scheduler could not fire what is due');
        return 1_000;
      });
      if (changed || signal.aborted) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    signal.removeEventListener('abort', look);
    await listener.close();
  }
}

/** Fires what is due and returns how long to sleep, ms. */
async function fireDue(): Promise<number> {
  const client = await enginePool().connect();
  try {
    while ((await fireBatch(client)) === batch);
    const { rows } = await client.query<{ ms: number | null }>(nextDue);
    // a due row that another scheduler is firing right now: look again shortly
    return Math.min(longestSleep, Math.max(25, Math.ceil(rows[0]?.ms ?? longestSleep)));
  } finally {
    client.release();
  }
}

async function fireBatch(client: pg.PoolClient): Promise<number> {
  await client.query('BEGIN');
  try {
    const { rows } = await client.query<Due>(claim);
    const organizations = new Set<string>();
    for (const due of rows) {
      await client.query('UPDATE trigger SET next_at = $3 WHERE organization_id = $1 AND id = $2', [due.organization_id, due.id, following(due)]);
      if (await insertRun(client, due)) organizations.add(due.organization_id);
    }
    for (const organizationId of organizations) await client.query(`SELECT pg_notify('heddle_queue', $1)`, [organizationId]);
    await client.query('COMMIT');
    return rows.length;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** The next time after now; null ends a schedule whose pattern is not one (validation keeps those out). */
function following(due: Due): Date | null {
  try {
    return nextTime(due.cron ?? '', due.timezone ?? 'UTC', due.now);
  } catch (error) {
    logger.error({ trigger: due.id, error: (error as Error).message }, 'a schedule that cannot be understood was ended');
    return null;
  }
}

/** Inserts the run with its queue row. A workflow whose input schema a schedule cannot satisfy gets a failed run that says so; false then. */
async function insertRun(client: pg.PoolClient, due: Due): Promise<boolean> {
  const id = uuid();
  const input: Json = due.schema ? {} : { scheduledAt: due.next_at.toISOString() };
  const problems = due.schema ? checkInput(due.schema, input) : [];
  const priority = Math.max(-100, Math.min(100, due.priority ?? 0));
  const values = [due.organization_id, id, due.workflow_id, due.version_id, JSON.stringify(input), priority];
  if (problems.length === 0) {
    await client.query(
      `WITH r AS (INSERT INTO run (organization_id, id, workflow_id, version_id, trigger, input, priority) VALUES ($1, $2, $3, $4, 'schedule', $5, $6))
       INSERT INTO run_queue (organization_id, run_id, priority) VALUES ($1, $2, $6)`,
      values,
    );
    return true;
  }
  const details = problems.map(({ path, message }) => ({ path, message }));
  const error = { code: 'invalid_input', message: 'A schedule starts runs with the input {}, which the input schema of the workflow does not allow.', details };
  await client.query(
    `WITH r AS (INSERT INTO run (organization_id, id, workflow_id, version_id, trigger, input, priority, status, error, started_at, finished_at)
                VALUES ($1, $2, $3, $4, 'schedule', $5, $6, 'failed', $7, now(), now()))
     INSERT INTO run_event (organization_id, run_id, seq, type, at, data)
     VALUES ($1, $2, 1, 'run.started', now(), '{}'), ($1, $2, 2, 'run.failed', now(), $8)`,
    [...values, JSON.stringify(error), JSON.stringify({ error })],
  );
  return false;
}
