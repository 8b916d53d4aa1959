import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { closeEnginePool, engineConnection, enginePool } from '@/server/queue/engine-pool';
import { enqueueRunOn } from '@/server/queue/enqueue';
import type { WorkerKind } from './seat';

/** The rules of quarantine where they are kept, in SQL: sessions in place of workers, ended in place of killed. */
let database: TestDatabase;
let tenant: TestTenant;
const open: pg.Client[] = [];

beforeAll(async () => {
  database = await testDatabase();
  tenant = await makeTenant();
});
beforeEach(() => database.sql('TRUNCATE run, run_event, run_queue, queue_tenant, queue_worker, dead_letter'));
afterEach(() => Promise.all(open.splice(0).map((client) => client.end())));
afterAll(async () => {
  await closeEnginePool();
  await database.close();
});

interface Session {
  id: number;
  client: pg.Client;
  die: () => Promise<void>;
}
async function session(kind: WorkerKind = 'worker', seat?: number): Promise<Session> {
  const client = engineConnection('test worker');
  client.on('error', () => {});
  await client.connect();
  open.push(client);
  const id = (await client.query<{ id: number }>('SELECT rq_register($1, $2) AS id', [kind, seat ?? null])).rows[0]?.id as number;
  const die = async () => {
    open.splice(open.indexOf(client), 1);
    await client.end();
    await expect.poll(() => one<boolean>('SELECT pg_try_advisory_xact_lock(7701, $1)', [id])).toBe(true);
    await one('SELECT rq_reap(0)');
  };
  return { id, client, die };
}
const one = async <T>(text: string, values: unknown[] = []) => Object.values((await enginePool().query(text, values)).rows[0] ?? {})[0] as T;
const queue = (versionId = uuid()) =>
  enqueueRunOn(enginePool(), { organizationId: tenant.organizationId, workflowId: uuid(), versionId, trigger: 'api', input: {} });
async function lease({ client, id }: Session, n = 100): Promise<string[]> {
  const { rows } = await client.query<{ run_id: string }>('SELECT * FROM rq_cycle($1, $2, $3, $4, $5)', [id, n, [], [], [tenant.organizationId]]);
  return rows.map((r) => r.run_id).sort();
}
async function take({ client, id }: Session, n = 100) {
  return (await client.query<{ run_id: string; convicted: boolean }>('SELECT * FROM rq_lease_suspects($1, $2)', [id, n])).rows;
}
const taken = async (s: Session) => (await take(s)).map((r) => r.run_id);
const rows = () => database.sql<{ state: number; trial: number; deaths: number }>('SELECT state, trial, deaths FROM run_queue ORDER BY id');
const running = async () => (await database.sql<{ running: number }>('SELECT running FROM queue_tenant'))[0]?.running;
const poison = async (runId: string, by: WorkerKind) => {
  const s = await session(by);
  expect(await taken(s)).toEqual([runId]);
  await s.die();
};

it('gives the columns of rq_cycle, and two more', async () => {
  const names = async (f: string) => (await one<string[]>('SELECT proargnames[pronargs + 1:]::text[] FROM pg_proc WHERE proname = $1', [f])) ?? [];
  const [cycle, suspects] = [await names('rq_cycle'), await names('rq_lease_suspects')];
  expect([...suspects].sort()).toEqual([...cycle, 'deaths', 'convicted'].sort());
});

it('convicts a run after three deaths, the last of them alone, and lets those go that died with it', async () => {
  const [bad, good] = [await queue(), await queue()];
  const first = await session();
  expect(await lease(first)).toEqual([bad, good].sort());
  await first.die();
  expect(await rows()).toMatchObject([
    { state: 4, trial: 1, deaths: 1 },
    { state: 4, trial: 1, deaths: 1 },
  ]); // prettier-ignore
  expect(await running()).toBe(2); // they keep their places
  const healthy = await session();
  expect([await lease(healthy), await taken(healthy)]).toEqual([[], []]);

  const together = await session('together');
  expect((await taken(together)).sort()).toEqual([bad, good].sort());
  // whose log moved last is suspected first
  await database.sql(
    `INSERT INTO run_event (organization_id, run_id, seq, type, at, data) VALUES ($1, $2, 1, 'x', now() - interval '1 min', '{}'), ($1, $3, 1, 'x', now(), '{}')`,
    [tenant.organizationId, good, bad],
  ); // prettier-ignore
  await together.die();
  const alone = await session('alone');
  expect(await taken(alone)).toEqual([bad]);
  expect(await taken(alone)).toEqual([]); // one at a time
  await alone.die();
  expect(await rows()).toMatchObject([
    { state: 4, trial: 4, deaths: 3 },
    { state: 4, trial: 1, deaths: 1 },
  ]); // prettier-ignore
  expect(await take(healthy)).toMatchObject([{ run_id: bad, convicted: true }]);
  expect(await taken(await session('together'))).toEqual([good]);
});

it('blames nobody when a second run had started beside the one on trial, and tries both strictly alone', async () => {
  const runs = [await queue(), await queue()];
  const worker = await session();
  await lease(worker);
  await worker.die();
  const together = await session('together');
  await taken(together);
  await together.die();
  const alone = await session('alone');
  const [slow] = await taken(alone);
  await database.sql(`UPDATE run_queue SET leased_at = now() - interval '6 s' WHERE run_id = $1`, [slow]);
  expect([slow, ...(await taken(alone))].sort()).toEqual(runs.sort());
  await alone.die();
  expect(await rows()).toMatchObject([
    { state: 4, trial: 3, deaths: 2 },
    { state: 4, trial: 3, deaths: 2 },
  ]); // prettier-ignore
  const again = await session('alone');
  const [strict] = await taken(again);
  await database.sql(`UPDATE run_queue SET leased_at = now() - interval '6 s' WHERE run_id = $1`, [strict]);
  expect(await taken(again)).toEqual([]);
  await again.die();
  expect((await rows()).map((r) => r.trial).sort()).toEqual([3, 4]);
});

it('blames nobody for a worker that says it lost its connection, before or after its runs were taken over', async () => {
  for (const order of ['before', 'after'] as const) {
    await queue();
    const worker = await session();
    await lease(worker);
    if (order === 'before') await one('SELECT rq_excuse($1)', [worker.id]);
    await worker.die();
    if (order === 'after') await one('SELECT rq_excuse($1)', [worker.id]);
    expect(await rows()).toMatchObject([{ state: 4, trial: 0, deaths: 0 }]);
    expect(await taken(await session())).toHaveLength(1);
    await database.sql('TRUNCATE run, run_queue, queue_tenant, queue_worker');
  }
});

it('blames nobody when a worker stops, and nobody when PostgreSQL was started anew', async () => {
  await queue();
  const stopping = await session();
  await lease(stopping);
  await one('SELECT rq_leave($1)', [stopping.id]);
  expect(await rows()).toMatchObject([{ state: 4, trial: 0, deaths: 0 }]);
  const next = await session();
  expect(await taken(next)).toHaveLength(1);
  await database.sql('UPDATE queue_worker SET started_at = pg_postmaster_start_time() - interval $$1 s$$');
  await next.die();
  expect(await rows()).toMatchObject([{ state: 4, trial: 0, deaths: 0 }]);
});

it('hands a run on trial back as what it was', async () => {
  const runId = await queue();
  const worker = await session();
  await lease(worker);
  await worker.die();
  await poison(runId, 'together');
  const alone = await session('alone');
  expect(await taken(alone)).toEqual([runId]);
  await one('SELECT rq_leave($1)', [alone.id]);
  expect(await rows()).toMatchObject([{ state: 4, trial: 2, deaths: 2 }]);
});

it('takes over from a frozen worker that still holds its lock, and ends its session', async () => {
  await queue();
  const frozen = await session();
  await frozen.client.query(`SET application_name = 'heddle worker'`);
  await lease(frozen);
  const ended = new Promise((resolve) => frozen.client.once('end', resolve));
  expect(await one('SELECT rq_reap(0, true)')).toBe(0);
  await database.sql(`UPDATE queue_worker SET beat_at = now() - interval '31 s'`);
  expect(await one('SELECT rq_reap(0, false)')).toBe(0); // who stood still itself cannot tell
  expect((await enginePool().query('SELECT dead FROM rq_look(0, true)')).rows).toEqual([{ dead: true }]);
  expect(await one('SELECT rq_reap(0, true)')).toBe(1);
  expect(await rows()).toMatchObject([{ state: 4, trial: 1, deaths: 1 }]);
  await ended;
});

it('takes one or two runs that kill for runs that kill; where three did it, tries the others of their version alone and after all others, once each', async () => {
  const versionId = uuid();
  const culprit = () =>
    database.sql(
      `INSERT INTO dead_letter (organization_id, id, run_id, workflow_id, version_id, code, message, attempts, reason) VALUES ($1, $2, $3, $4, $5, 'poisoned', '', 3, 'poisoned')`,
      [tenant.organizationId, uuid(), uuid(), uuid(), versionId],
    );
  const poisonous = async () => (await enginePool().query('SELECT poisonous FROM rq_look(0, false)')).rows[0].poisonous;
  await culprit();
  await culprit();
  expect(await poisonous()).toEqual([]);
  const known = await queue(versionId);
  const worker = await session();
  await lease(worker);
  await worker.die();
  expect(await rows()).toMatchObject([{ state: 4, trial: 1, deaths: 1 }]);
  await culprit();
  expect(await poisonous()).toEqual([versionId]);
  await database.sql('UPDATE run_queue SET state = 0, trial = 0, deaths = 0');
  const [second, other] = [await session(), await queue()];
  await lease(second);
  const { rows: leases } = await enginePool().query('SELECT id, fence FROM run_queue WHERE run_id = $1', [known]);
  await one('SELECT rq_quarantine($1, $2, $3)', [second.id, [leases[0].id], [leases[0].fence]]);
  await database.sql('UPDATE run_queue SET state = 4, trial = 2, deaths = 2, worker_id = NULL WHERE run_id = $1', [other]);
  const alone = await session('alone');
  expect(await taken(alone)).toEqual([other]);
  await one('SELECT rq_leave($1)', [alone.id]);
  await database.sql('DELETE FROM run_queue WHERE run_id = $1', [other]);
  expect(await rows()).toMatchObject([{ state: 4, trial: 2, deaths: 0 }]);
  await poison(known, 'alone');
  expect(await rows()).toMatchObject([{ trial: 4, deaths: 1 }]);
});

it('blames nobody in a quarantine process that died with the worker it belongs to', async () => {
  await queue();
  const worker = await session();
  await lease(worker);
  await worker.die();
  const parent = await session();
  const seat = await one<number>(`SELECT rq_reserve('together', $1)`, [parent.id]);
  const together = await session('together', seat);
  await take(together);
  await Promise.all([together.client.end(), parent.client.end()]);
  open.splice(0);
  await expect.poll(() => one<boolean>('SELECT pg_try_advisory_xact_lock(7701, $1) AND pg_try_advisory_xact_lock(7701, $2)', [parent.id, seat])).toBe(true);
  await one('SELECT rq_reap(0)');
  expect(await rows()).toMatchObject([{ state: 4, trial: 1, deaths: 1 }]);
});

it('reserves one quarantine process however many workers ask, and forgets a place that was never taken', async () => {
  await queue();
  const worker = await session();
  await lease(worker);
  expect(await one(`SELECT rq_reserve('together')`)).toBeNull();
  await worker.die();
  const seats = await Promise.all(Array.from({ length: 4 }, () => one<number | null>(`SELECT rq_reserve('together')`)));
  const [seat, ...more] = seats.filter((s) => s !== null);
  expect([typeof seat, more]).toEqual(['number', []]);
  expect(await one('SELECT rq_reap(0)')).toBe(0);
  await database.sql(`UPDATE queue_worker SET started_at = now() - interval '16 s'`);
  expect(await one('SELECT rq_reap(0)')).toBe(1);
  const starter = await session();
  expect(await one(`SELECT rq_reserve('together', $1)`, [starter.id])).not.toBeNull();
  expect(await one('SELECT rq_reap(0)')).toBe(0);
  // whoever was to start the process died before it could: nobody waits for it
  await starter.die();
  expect(await one(`SELECT rq_reserve('together')`)).not.toBeNull();
});
