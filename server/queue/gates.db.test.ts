import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from '@/server/db/testing';
import { withTenant } from '@/server/db/transaction';
import { closeEnginePool, engineConnection, enginePool } from './engine-pool';
import { enqueueRunOn, type NewRun, sendToRun, submitRun, submitRunOn } from './enqueue';
import type { RunLimits } from './run-limits';

interface Lease {
  id: string;
  run_id: string;
  fence: number;
}
interface TestWorker {
  id: number;
  client: pg.Client;
}

let database: TestDatabase;
let tenant: TestTenant;
let workers: TestWorker[];
const pool = () => enginePool() as unknown as pg.ClientBase;

beforeAll(async () => {
  database = await testDatabase();
  tenant = await makeTenant();
  workers = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const client = engineConnection('test worker', { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off' });
      client.on('error', () => {});
      await client.connect();
      return { id: 0, client };
    }),
  );
});
afterAll(async () => {
  for (const { client } of workers) await client.end().catch(() => {});
  await closeEnginePool();
  await database.close();
});
beforeEach(async () => {
  await database.sql('TRUNCATE run, run_queue, run_inbox, run_key, queue_tenant, queue_gate, queue_worker');
  for (const worker of workers) worker.id = (await worker.client.query<{ id: number }>('SELECT rq_register() AS id')).rows[0]?.id as number;
});

const newRun = (more: Partial<NewRun> = {}): NewRun => ({
  organizationId: tenant.organizationId,
  workflowId: uuid(),
  versionId: uuid(),
  trigger: 'api',
  input: {},
  ...more,
});
const gated = (gates: string[], more: Partial<NewRun> = {}) => enqueueRunOn(pool(), newRun({ limits: { gates }, ...more }));
const keyed = (limits: Omit<RunLimits, 'gates'>, workflowId: string, input: number) =>
  submitRunOn(pool(), newRun({ workflowId, input, limits: { gates: [], ...limits } }));
const cycle = async (n: number, done: Lease[] = [], worker = workers[0] as TestWorker): Promise<Lease[]> =>
  (
    await worker.client.query<Lease>('SELECT * FROM rq_cycle($1, $2, $3, $4, $5)', [
      worker.id,
      n,
      done.map((d) => d.id),
      done.map((d) => d.fence),
      [tenant.organizationId],
    ])
  ).rows;
const park = (leases: Lease[], at: number | null, worker = workers[0] as TestWorker) =>
  worker.client.query('SELECT rq_park($1, $2, $3, $4)', [worker.id, leases.map((l) => l.id), leases.map((l) => l.fence), leases.map(() => at)]);
const call = async (text: string) => Number((await enginePool().query<{ n: number }>(`SELECT ${text} AS n`)).rows[0]?.n);
const states = async () => (await database.sql<{ state: number }>('SELECT state FROM run_queue ORDER BY id')).map((r) => r.state);
const places = async () =>
  Object.fromEntries(
    (await database.sql<{ name: string; running: number }>('SELECT name, running FROM queue_gate ORDER BY name')).map((g) => [g.name, g.running]),
  );
/** how many leased runs and suspects name each gate, from the rows themselves */
const occupied = async () =>
  Object.fromEntries(
    (
      await database.sql<{ g: string; n: number }>(
        `SELECT split_part(g, '=', 1) AS g, count(*)::int AS n FROM run_queue q CROSS JOIN LATERAL unnest(q.gates) g WHERE q.state IN (1, 4) GROUP BY 1`,
      )
    ).map((r) => [r.g, r.n]),
  );
const someone = <T>(list: T[]): T => list[Math.floor(Math.random() * list.length)] as T;

describe('caps', () => {
  it('hold with four workers, whatever ends, sleeps, wakes, dies or is cancelled', { timeout: 60_000 }, async () => {
    const caps: Record<string, number> = { 'project:p': 7, 'workflow:a': 3, 'workflow:b': 5, 'key:c:1': 1, 'key:c:2': 2 };
    const kinds = [['workflow:a=3', 'project:p'], ['workflow:b=5'], ['key:c:1=1', 'project:p'], ['key:c:2=2'], ['project:p']];
    await database.sql(`INSERT INTO queue_gate (organization_id, name, cap) VALUES ($1, 'project:p', 7)`, [tenant.organizationId]);
    const total = 400;
    for (let i = 0; i < total; i++) {
      const kind = someone([...kinds, undefined]);
      await (kind ? gated(kind, { priority: someone([0, 0, 5]) }) : enqueueRunOn(pool(), newRun()));
    }
    let watching = true;
    const watch = (async () => {
      while (watching) for (const [name, n] of Object.entries(await occupied())) expect(n, name).toBeLessThanOrEqual(caps[name] as number);
    })();
    const turn = async (worker: TestWorker, held: Lease[]): Promise<Lease[]> => {
      const rest: Lease[] = [];
      const done: Lease[] = [];
      const tired: Lease[] = [];
      for (const lease of held) someone([rest, done, done, tired]).push(lease);
      if (tired.length > 0) await park(tired, Date.now() + someone([0, 20, 60]), worker);
      if (Math.random() < 0.1) await call('rq_reconcile_gates()');
      return [...rest, ...(await cycle(someone([0, 1, 5, 20]), done, worker))];
    };
    const drive = async (worker: TestWorker) => {
      let held: Lease[] = [];
      for (let idle = 0; idle < 20; ) {
        await call('rq_wake(500)');
        held = await turn(worker, held);
        const [left] = await database.sql<{ n: number }>('SELECT count(*)::int AS n FROM run_queue');
        idle = left?.n === 0 ? 20 : 0;
      }
    };
    await Promise.all(workers.map(drive));
    watching = false;
    await watch;
    expect(Object.values(await places()).every((n) => n === 0)).toBe(true);
    expect(await call('(SELECT count(*) FROM run_queue)')).toBe(0);
    expect(await database.sql('SELECT running FROM queue_tenant')).toEqual([{ running: 0 }]);
  });

  it('of one key leave other keys alone, and what is held is not looked at', async () => {
    for (let i = 0; i < 50; i++) await gated(['key:w:one=2']);
    await gated(['key:w:two=2']);
    const leases = await cycle(100);
    expect(leases).toHaveLength(3);
    expect((await states()).filter((s) => s === 2)).toHaveLength(48);
    expect(await cycle(100, leases.slice(0, 1))).toHaveLength(1);
  });

  it('let the first come first, the urgent ones before', async () => {
    const [a, b, c, d] = [
      await gated(['workflow:w=1']),
      await gated(['workflow:w=1']),
      await gated(['workflow:w=1'], { priority: 9 }),
      await gated(['workflow:w=1']),
    ];
    const order: string[] = [];
    for (let leases = await cycle(5); leases.length > 0; leases = await cycle(5, leases)) order.push(...leases.map((l) => l.run_id));
    expect(order).toEqual([c, a, b, d]);
  });

  it('follow the version that was started last, and not a sleeper of an older one', async () => {
    await gated(['workflow:w=1']);
    const [old] = await cycle(5);
    for (let i = 0; i < 4; i++) await gated(['workflow:w=3']);
    expect(await cycle(5)).toHaveLength(2);
    await park([old as Lease], Date.now() - 1);
    await call('rq_wake(500)');
    expect(await database.sql('SELECT cap FROM queue_gate')).toEqual([{ cap: 3 }]);
    expect(await occupied()).toEqual({ 'workflow:w': 2 });
    expect(await cycle(5)).toHaveLength(1);
  });

  it('are not kept by sleepers, who pass again when they wake', async () => {
    await gated(['workflow:w=1']);
    await gated(['workflow:w=1']);
    const first = await cycle(5);
    expect(await cycle(5)).toHaveLength(0);
    await park(first, Date.now() - 1);
    const second = await cycle(5);
    expect(second).toHaveLength(1);
    await call('rq_wake(500)');
    expect(await cycle(5)).toHaveLength(0);
    expect(await states()).toEqual([2, 1]);
    expect(await cycle(5, second)).toMatchObject([{ run_id: first[0]?.run_id }]);
  });

  it('give a place back when its worker died and somebody else ended the run', async () => {
    await gated(['workflow:w=1']);
    const next = await gated(['workflow:w=1']);
    const dead = workers[1] as TestWorker;
    expect(await cycle(5, [], dead)).toHaveLength(1);
    await dead.client.query('SELECT pg_advisory_unlock(7701, $1)', [dead.id]);
    await call('rq_reap(0)');
    expect(await occupied()).toEqual({ 'workflow:w': 1 });
    expect(await cycle(5)).toHaveLength(0);
    const [me] = workers as [TestWorker];
    await database.sql('UPDATE run_queue SET trial = 0 WHERE state = 4');
    const { rows } = await me.client.query<Lease>('SELECT * FROM rq_lease_suspects($1, 5)', [me.id]);
    expect(rows).toHaveLength(1);
    expect(await cycle(5, rows)).toMatchObject([{ run_id: next }]);
  });

  it('do not hold up who is to be cancelled', async () => {
    await gated(['workflow:w=1']);
    const [held, other] = [await gated(['workflow:w=1']), await gated(['workflow:w=1'])];
    const first = await cycle(5);
    await withTenant(tenant.organizationId, (tx) => sendToRun(tx, tenant.organizationId, held, 'cancel'));
    expect(await call('rq_wake_for_inbox()')).toBe(1);
    const cancelled = await cycle(5);
    expect(cancelled).toMatchObject([{ run_id: held, has_mail: true }]);
    expect(await cycle(5, cancelled)).toHaveLength(0);
    expect(await cycle(5, first)).toMatchObject([{ run_id: other }]);
  });

  it('of a project count what is queued and running already', async () => {
    const workflowId = uuid();
    await database.sql(`INSERT INTO workflow (organization_id, id, project_id, slug, title, draft) VALUES ($1, $2, $3, $4, 'w', '{}')`, [
      tenant.organizationId,
      workflowId,
      tenant.projectId,
      `w-${workflowId.slice(-6)}`,
    ]);
    const start = () => enqueueRunOn(pool(), newRun({ workflowId }));
    for (let i = 0; i < 4; i++) await start();
    const leases = await cycle(1);
    const limit = (n: number | null) =>
      withTenant(tenant.organizationId, (tx) => tx.$executeRaw`SELECT limit_project(${tenant.organizationId}::uuid, ${tenant.projectId}::uuid, ${n}::int)`);
    await limit(2);
    await start();
    await call('rq_wake(500)');
    expect(await cycle(9)).toHaveLength(1);
    expect(await places()).toEqual({ [`project:${tenant.projectId}`]: 2 });
    await limit(3);
    await call('rq_wake(500)');
    expect(await cycle(9, leases)).toHaveLength(2);
    await limit(null);
    await call('rq_wake(500)');
    expect(await cycle(9)).toHaveLength(1);
    await start();
    expect(await states()).toEqual([1, 1, 1, 1, 0]);
    await expect(
      withTenant(tenant.organizationId, (tx) => tx.$executeRaw`SELECT limit_project(${uuid()}::uuid, ${tenant.projectId}::uuid, 1)`),
    ).rejects.toThrow(/not of this organization/);
  });

  it('are put right when they are wrong', async () => {
    for (let i = 0; i < 3; i++) await gated(['workflow:w=1']);
    const [lease] = await cycle(5);
    await database.sql(`UPDATE queue_gate SET running = 5`);
    expect(await call('rq_reconcile_gates()')).toBe(1);
    expect(await places()).toEqual({ 'workflow:w': 1 });
    await database.sql('DELETE FROM run_queue WHERE id = $1', [lease?.id]); // nobody told the gate
    expect(await call('rq_reconcile_gates()')).toBe(2);
    const [second] = await cycle(5);
    const [third] = await cycle(5, [second as Lease]);
    await cycle(0, [third as Lease]);
    await call('rq_reconcile_gates()');
    expect(await places()).toEqual({});
  });
});

describe('places kept for small organizations', () => {
  const ask = async (n: number, spare: number, done: Lease[] = []) => {
    const [worker] = workers as [TestWorker];
    const values = [worker.id, n, done.map((d) => d.id), done.map((d) => d.fence), [tenant.organizationId, other], spare];
    return (await worker.client.query<Lease & { organization_id: string }>('SELECT * FROM rq_cycle($1, $2, $3, $4, $5, $6)', values)).rows;
  };
  const other = uuid() as typeof tenant.organizationId;

  it('are not filled by one that has many running, and are there at once for another', async () => {
    for (let i = 0; i < 60; i++) await enqueueRunOn(pool(), newRun());
    const first = await ask(18, 2);
    expect(first).toHaveLength(16);
    expect(await ask(2, 2)).toHaveLength(0);
    const quiet = await enqueueRunOn(pool(), newRun({ organizationId: other }));
    expect(await ask(2, 2)).toMatchObject([{ run_id: quiet, organization_id: other }]);
    expect(await ask(3, 2, first.slice(0, 2))).toHaveLength(1);
    for (let i = 0; i < 9; i++) await enqueueRunOn(pool(), newRun({ organizationId: other }));
    const mixed = await ask(10, 2);
    expect(mixed).toHaveLength(8);
    expect(mixed.filter((l) => l.organization_id === other).length).toBeGreaterThan(3);
  });

  it('are not needed where starts follow each other: who comes anew is next, however long the others have been busy', async () => {
    for (let i = 0; i < 300; i++) await enqueueRunOn(pool(), newRun());
    for (let i = 0; i < 10; i++) await ask(20, 0);
    await database.sql('UPDATE queue_tenant SET vt = 1000000 WHERE organization_id = $1', [other]);
    const late = await enqueueRunOn(pool(), newRun({ organizationId: other }));
    expect((await ask(20, 0)).map((l) => l.run_id)).toContain(late);
  });
});

describe('rates', () => {
  it('let no more than n through in any period, in order, and do not count a sleeper twice', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) ids.push(await gated(['rate:w=3/60000', 'workflow:w=100']));
    const first = await cycle(9);
    expect(first.map((l) => l.run_id)).toEqual(ids.slice(0, 3));
    await park(first.slice(0, 1), Date.now() - 1);
    await call('rq_wake(500)');
    expect(await cycle(9)).toMatchObject([{ run_id: ids[0] }]);
    const move = async (seconds: number) => {
      await database.sql(
        `UPDATE queue_gate SET starts_at = ARRAY(SELECT t - $1 * interval '1 s' FROM unnest(starts_at) t), next_at = next_at - $1 * interval '1 s'`,
        [seconds],
      );
      await call('rq_wake(500)');
      return (await cycle(9)).map((l) => l.run_id);
    };
    expect(await move(59)).toEqual([]);
    expect(await move(2)).toEqual(ids.slice(3, 6));
    expect(await move(30)).toEqual([]);
    expect(await move(31)).toEqual(ids.slice(6));
    expect(await call('(SELECT count(*) FROM queue_gate WHERE next_at IS NOT NULL)')).toBe(0);
  });

  it('of thousands a period are logged in a hundred entries', async () => {
    const gate = ['rate:w=100000/3600000'];
    for (let i = 0; i < 300; i++) {
      await gated(gate);
      await cycle(9);
      await database.sql(`UPDATE queue_gate SET starts_at = ARRAY(SELECT t - interval '10 s' FROM unnest(starts_at) t)`);
    }
    const [log] = await database.sql<{ n: number; k: number }>(
      'SELECT cardinality(starts_at) AS n, (SELECT sum(k)::int FROM unnest(starts) k) AS k FROM queue_gate',
    );
    expect(log?.k).toBe(300);
    expect(log?.n).toBeLessThan(110);
  });
});

describe('keys', () => {
  it('dedupe: of fifty starts at once one is made, and all name it', async () => {
    const workflowId = uuid();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        withTenant(tenant.organizationId, (tx) => submitRun(tx, newRun({ workflowId, input: i, limits: { gates: [], dedupe: { key: 'k', window: 60_000 } } }))),
      ),
    );
    expect(new Set(answers.map((a) => a.runId)).size).toBe(1);
    expect(answers.filter((a) => a.outcome === 'started')).toHaveLength(1);
    expect(answers.filter((a) => a.outcome === 'deduplicated')).toHaveLength(49);
    expect(await states()).toEqual([0]);
    expect(await keyed({ dedupe: { key: 'other', window: 60_000 } }, workflowId, 1)).toMatchObject({ outcome: 'started' });
    expect(await keyed({ dedupe: { key: 'k', window: 60_000 } }, uuid(), 1)).toMatchObject({ outcome: 'started' });
    await database.sql(`UPDATE run_key SET expires_at = now() - interval '1 s'`);
    expect(await keyed({ dedupe: { key: 'k', window: 60_000 } }, workflowId, 1)).toMatchObject({ outcome: 'started' });
  });

  it('dedupe: a start that is rolled back leaves the key to the next', async () => {
    const run = newRun({ limits: { gates: [], dedupe: { key: 'k', window: 60_000 } } });
    const failed = withTenant(tenant.organizationId, async (tx) => {
      await submitRun(tx, run);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await submitRunOn(pool(), run)).toMatchObject({ outcome: 'started' });
    const id = uuid();
    const limits = { gates: [], dedupe: { key: 'again', window: 60_000 } };
    await submitRunOn(pool(), newRun({ id, workflowId: run.workflowId, limits }));
    expect(await submitRunOn(pool(), newRun({ id, workflowId: run.workflowId, limits }))).toEqual({ runId: id, outcome: 'started' });
  });

  it('debounce: fifty starts at once are one run with one of their inputs, a later one is its input, and what has begun is left alone', async () => {
    const workflowId = uuid();
    const debounce = { key: 'k', wait: 60_000, maxWait: 600_000 };
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => keyed({ debounce }, workflowId, i)));
    expect(answers.filter((a) => a.outcome === 'started')).toHaveLength(1);
    expect(new Set(answers.map((a) => a.runId)).size).toBe(1);
    expect(await keyed({ debounce }, workflowId, 99)).toMatchObject({ outcome: 'debounced' });
    expect(await database.sql('SELECT input FROM run')).toEqual([{ input: '99' }]);
    expect(await states()).toEqual([3]);
    await database.sql(`UPDATE run_queue SET wake_at = now() - interval '1 s'`);
    await call('rq_wake(500)');
    expect(await keyed({ debounce }, workflowId, 100)).toMatchObject({ outcome: 'started' });
    expect(await keyed({ debounce }, workflowId, 101)).toMatchObject({ outcome: 'debounced' });
    expect(await database.sql('SELECT input FROM run ORDER BY id')).toEqual([{ input: '99' }, { input: '101' }]);
  });

  it('debounce: waits no longer than the longest wait, and not for a run that is being cancelled', async () => {
    const workflowId = uuid();
    const debounce = { key: 'k', wait: 60_000, maxWait: 90_000 };
    const { runId } = await keyed({ debounce }, workflowId, 1);
    await database.sql(`UPDATE run_key SET since = now() - interval '80 s'`);
    await keyed({ debounce }, workflowId, 2);
    const [row] = await database.sql<{ s: number }>('SELECT extract(epoch FROM wake_at - now())::float8 AS s FROM run_queue');
    expect(row?.s).toBeGreaterThan(5);
    expect(row?.s).toBeLessThan(11);
    await withTenant(tenant.organizationId, (tx) => sendToRun(tx, tenant.organizationId, runId, 'cancel'));
    expect(await keyed({ debounce }, workflowId, 3)).toMatchObject({ outcome: 'started' });
  });
});
