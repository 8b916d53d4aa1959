import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import type { Failure } from '@/core/engine/events';
import { checkInput } from '@/core/workflow/input';
import type { Json, JsonObject } from '@/core/workflow/workflow';
import type { OrganizationId } from '@/server/db/transaction';
import { Invalid } from '@/server/lib/errors';
import { logger } from '@/server/lib/logger';
import { enginePool } from '@/server/queue/engine-pool';
import { submitRunOn } from '@/server/queue/enqueue';
import { limitsOfStartOn, storedSettings } from '@/server/queue/limits-of-start';
import { Listener } from '@/server/queue/listener';
import { nextTime } from './next-time';

const batch = 100;
/** looks again at least this often, in case a notification was lost */
const longestSleep = 30_000;

/** SQLSTATEs of the moment, not of the schedule: connection, rollback, resources, intervention. The batch is tried again. */
const ofTheMoment = /^(08|40|53|57)|^E[A-Z]/;

interface Due {
  organization_id: string;
  id: string;
  workflow_id: string;
  version_id: string;
  number: number | null;
  cron: string | null;
  timezone: string | null;
  definition: { workflow?: JsonObject };
  next_at: Date;
  now: Date;
}

// the definition comes whole: PostgreSQL's operators would refuse, with all the batch, a document that holds \u0000
const claim = `
  SELECT t.organization_id, t.id, t.workflow_id, w.current_version_id AS version_id, v.number, t.settings->>'cron' AS cron, t.settings->>'timezone' AS timezone,
         v.definition, t.next_at, clock_timestamp() AS now
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
    for (const due of rows) await settle(client, due);
    await client.query('COMMIT');
    return rows.length;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Fires one schedule. One that cannot be fired goes on to its next time, with a failed run if there can be one: it must not hold up the others. */
async function settle(client: pg.PoolClient, due: Due): Promise<void> {
  const first = await attempt(client, due, () => fire(client, due));
  if (!first) return;
  logger.error({ trigger: due.id, workflowId: due.workflow_id, error: first.message }, 'a schedule could not be fired');
  const reason = first instanceof Invalid ? `: ${first.message}` : '.';
  const error = { code: 'schedule_failed', message: `The schedule could not start a run of this workflow${reason}` };
  const second = await attempt(client, due, () => insertFailedRun(client, due, '{}', error));
  if (!second) return;
  const third = await attempt(client, due, async () => {});
  if (third) throw third;
}

/** Moves the schedule on and does `work`, both or neither. Returns what went wrong if that is the fault of this schedule; else rejects. */
async function attempt(client: pg.PoolClient, due: Due, work: () => Promise<void>): Promise<Error | undefined> {
  await client.query('SAVEPOINT schedule');
  try {
    await client.query('UPDATE trigger SET next_at = $3 WHERE organization_id = $1 AND id = $2', [due.organization_id, due.id, following(due)]);
    await work();
    await client.query('RELEASE SAVEPOINT schedule');
    return undefined;
  } catch (error) {
    if (ofTheMoment.test((error as { code?: string }).code ?? '')) throw error;
    await client.query('ROLLBACK TO SAVEPOINT schedule');
    return error as Error;
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

/** Queues the run. A workflow whose input schema a schedule cannot satisfy gets a failed run that says so. */
async function fire(client: pg.PoolClient, due: Due): Promise<void> {
  const { input: schema } = due.definition.workflow ?? {};
  const settings = storedSettings(due.definition);
  const input: Json = schema ? {} : { scheduledAt: due.next_at.toISOString() };
  const problems = schema ? checkInput(schema as JsonObject, input) : [];
  if (problems.length === 0) {
    const { workflow_id: workflowId, number } = due;
    const organizationId = due.organization_id as OrganizationId;
    await submitRunOn(client, {
      organizationId,
      workflowId,
      versionId: due.version_id,
      trigger: 'schedule',
      input,
      priority: settings.priority ?? 0,
      limits: await limitsOfStartOn(client, { organizationId, workflowId, number, settings }, input),
    });
    return;
  }
  const details = problems.map(({ path, message }) => ({ path, message }));
  const message = 'A schedule starts runs with the input {}, which the input schema of the workflow does not allow.';
  await insertFailedRun(client, due, JSON.stringify(input), { code: 'invalid_input', message, details });
}

/** A run that ended before it began, so that people see why nothing ran. */
async function insertFailedRun(client: pg.PoolClient, due: Due, input: string, error: Failure): Promise<void> {
  await client.query(
    `WITH r AS (INSERT INTO run (organization_id, id, workflow_id, version_id, trigger, input, status, error, started_at, finished_at)
                VALUES ($1, $2, $3, $4, 'schedule', $5, 'failed', $6, now(), now()))
     INSERT INTO run_event (organization_id, run_id, seq, type, at, data)
     VALUES ($1, $2, 1, 'run.started', now(), '{}'), ($1, $2, 2, 'run.failed', now(), $7)`,
    [due.organization_id, uuid(), due.workflow_id, due.version_id, input, JSON.stringify(error), JSON.stringify({ error })],
  );
}
