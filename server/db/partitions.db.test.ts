import pg from 'pg';
import { v7 as uuid, v4 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseUrlFor } from '@/server/env';
import { engineConnection, hotPathSettings } from '@/server/queue/engine-pool';
import { makeTenant, type TestDatabase, type TestTenant, testDatabase } from './testing';

const day = 86_400_000;
const at = (days: number) => uuid({ msecs: Date.now() + days * day });

describe('the weeks of runs', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let engine: pg.Client;
  beforeAll(async () => {
    database = await testDatabase();
    tenant = await makeTenant();
    engine = engineConnection('test', hotPathSettings);
    await engine.connect();
    await database.sql(`SELECT run_partitions_make(now() - interval '90 days', now() + interval '21 days')`);
  });
  afterAll(async () => {
    await engine.end();
    await database.close();
  });

  async function addRun(id: string): Promise<string> {
    await engine.query(`INSERT INTO run (organization_id, id, workflow_id, version_id, trigger, input) VALUES ($1, $2, $3, $3, 'api', '{}')`, [
      tenant.organizationId,
      id,
      uuid(),
    ]);
    await engine.query(`INSERT INTO run_event (organization_id, run_id, seq, type, at, data) VALUES ($1, $2, 1, 'run.started', now(), '{}')`, [
      tenant.organizationId,
      id,
    ]);
    return id;
  }
  /** The partitions of a run and of its log, without their weeks' names: the day each begins. */
  async function weekOf(id: string): Promise<string[]> {
    const rows = await database.sql<{ t: string }>(
      'SELECT tableoid::regclass::text AS t FROM run WHERE id = $1 UNION ALL SELECT tableoid::regclass::text FROM run_event WHERE run_id = $1',
      [id],
    );
    return rows.map((r) => r.t);
  }

  it('hold the runs whose ids were made in them, and the default partition every other', async () => {
    const monday = new Date(Date.now() - 30 * day);
    monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7));
    monday.setUTCHours(0, 0, 0, 0);
    const name = monday.toISOString().slice(0, 10).replaceAll('-', '');
    const first = '7000-8000-000000000000';
    const idAt = (ms: number) =>
      ms
        .toString(16)
        .padStart(12, '0')
        .replace(/(.{8})(.{4})/, `$1-$2-${first}`);
    expect(await weekOf(await addRun(idAt(monday.getTime())))).toEqual([`partitions.run_${name}`, `partitions.run_event_${name}`]);
    expect(await weekOf(await addRun(idAt(monday.getTime() + 7 * day - 1)))).toEqual([`partitions.run_${name}`, `partitions.run_event_${name}`]);
    expect(await weekOf(await addRun(idAt(monday.getTime() + 7 * day)))).not.toContain(`partitions.run_${name}`);
    for (const id of [at(-400), at(400), v4()]) expect(await weekOf(await addRun(id))).toEqual(['partitions.run_default', 'partitions.run_event_default']);
  });

  it('take over what waited for them in the default partition', async () => {
    const [early, neighbour] = [await addRun(at(100)), await addRun(at(300))];
    expect(await weekOf(early)).toEqual(['partitions.run_default', 'partitions.run_event_default']);
    expect(await database.sql(`SELECT run_partitions_make(now() + interval '100 days', now() + interval '100 days') AS made`)).toEqual([{ made: 1 }]);
    expect((await weekOf(early)).every((t) => /_\d{8}$/.test(t))).toBe(true);
    expect(await weekOf(neighbour)).toEqual(['partitions.run_default', 'partitions.run_event_default']);
    expect(await database.sql(`SELECT run_partitions_make(now() + interval '100 days', now() + interval '100 days') AS made`)).toEqual([{ made: 0 }]);
  });

  it('are made ahead by the engine, which reaches none of them by name and may make no others', async () => {
    expect((await engine.query('SELECT run_partitions_ahead() AS made')).rows).toEqual([{ made: 0 }]);
    for (const role of ['heddle_app', 'heddle_engine'] as const) {
      const client = new pg.Client({ connectionString: databaseUrlFor(role) });
      await client.connect();
      const refused = 'permission denied';
      await expect(client.query('SELECT FROM partitions.run_default')).rejects.toThrow(refused);
      await expect(client.query('SELECT run_partitions_make(now(), now())')).rejects.toThrow(refused);
      await client.query(`SELECT set_config('app.organization_id', $1, false)`, [(await makeTenant()).organizationId]);
      if (role === 'heddle_app') expect((await client.query('SELECT FROM run')).rowCount).toBe(0);
      await client.end();
    }
    const open = await database.sql(`
      SELECT relname FROM pg_class WHERE relnamespace = 'partitions'::regnamespace AND relkind = 'r' AND (NOT relrowsecurity OR relacl IS NOT NULL)`);
    expect(open).toEqual([]);
  });

  it('are like the tables they belong to: indexes, storage, and the primary key newest', async () => {
    const rows = await database.sql<{ parent: string; indexes: number; wanted: number; last: boolean; options: string[] | null }>(`
      SELECT p.relname AS parent, count(i.*)::int AS indexes, (SELECT count(*)::int FROM pg_index WHERE indrelid = p.oid) AS wanted,
             bool_or(i.indisprimary AND i.indexrelid = (SELECT max(indexrelid) FROM pg_index WHERE indrelid = c.oid)) AS last, c.reloptions AS options
        FROM pg_class c JOIN pg_inherits h ON h.inhrelid = c.oid JOIN pg_class p ON p.oid = h.inhparent JOIN pg_index i ON i.indrelid = c.oid
       WHERE c.relname = (SELECT max(x.relname) FROM pg_class x JOIN pg_inherits y ON y.inhrelid = x.oid WHERE y.inhparent = p.oid AND x.relname ~ '_\\d{8}$')
         AND p.relname IN ('run', 'run_event') GROUP BY p.relname, p.oid, c.oid, c.reloptions ORDER BY 1`);
    expect(rows).toEqual([
      { parent: 'run', indexes: rows[0]?.wanted, wanted: rows[0]?.wanted, last: true, options: ['fillfactor=70'] },
      { parent: 'run_event', indexes: 1, wanted: 1, last: true, options: null },
    ]);
  });

  /** Partitions that the plan of a statement touches when it runs. */
  async function touched(statement: string, values: unknown[]): Promise<string[]> {
    await engine.query(`PREPARE p AS ${statement}`);
    const { rows } = await engine.query(`EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE p(${values.map((v) => pg.escapeLiteral(String(v))).join(', ')})`);
    await engine.query('DEALLOCATE p');
    const found: string[] = [];
    const walk = (node: Record<string, unknown>) => {
      if (node['Relation Name'] && node['Actual Loops'] !== 0 && String(node['Node Type']).includes('Scan'))
        found.push(String(node['Index Name'] ?? node['Node Type']));
      for (const child of (node.Plans ?? []) as Record<string, unknown>[]) walk(child);
    };
    walk(rows[0]['QUERY PLAN'][0].Plan);
    return found;
  }

  it('are pruned: a run and its log are looked for in their week alone, by their key', async () => {
    const id = await addRun(at(0));
    const [run, event] = (await weekOf(id)).map((t) => `${t.slice('partitions.'.length)}_pkey`);
    const key = [tenant.organizationId, id];
    expect(await touched('SELECT data FROM run_event WHERE organization_id = $1::uuid AND run_id = $2::uuid AND seq > 0 ORDER BY seq', key)).toEqual([event]);
    expect(
      await touched(
        'SELECT r.status FROM unnest(ARRAY[$1::uuid], ARRAY[$2::uuid]) u(o, i) JOIN LATERAL (SELECT * FROM run x WHERE x.organization_id = u.o AND x.id = u.i LIMIT 1) r ON true',
        key,
      ),
    ).toEqual([run]);
    const update = `UPDATE run SET cost_usd = 1 FROM unnest(string_to_array($1, ','), string_to_array($2, ',')) x(o, r)
                    WHERE run.organization_id = x.o::uuid AND run.id = x.r::uuid AND run.status NOT IN ('succeeded', 'failed', 'cancelled')`;
    expect(await touched(update, key)).toEqual([run]);
    const listed = await touched('SELECT id FROM run WHERE organization_id = $1::uuid AND id < $2::uuid ORDER BY id DESC LIMIT 50', [
      tenant.organizationId,
      at(-60),
    ]);
    expect(listed.length).toBeLessThan(8);
  });

  it('keep the fence: the same entry of a log is written once', async () => {
    const id = await addRun(at(0));
    const insert = `INSERT INTO run_event (organization_id, run_id, seq, type, at, data) VALUES ($1, $2, $3, 'x', now(), '{}') ON CONFLICT DO NOTHING`;
    expect((await engine.query(insert, [tenant.organizationId, id, 1])).rowCount).toBe(0);
    expect((await engine.query(insert, [tenant.organizationId, id, 2])).rowCount).toBe(1);
  });
});
