import type { Database } from './database';
import { type Check, check } from './figures';

/** When nothing runs any more, the queue holds nothing and counts nothing. */
export async function checkQueue(database: Database): Promise<Check[]> {
  const left = await database.query<{ text: string }>(
    `SELECT run_id || ' in state ' || state || coalesce(' of worker ' || worker_id, '') || coalesce(' wakes ' || wake_at::text, '') AS text FROM run_queue`,
  );
  const mail = await database.query<{ text: string }>(`SELECT run_id || ' ' || kind AS text FROM run_inbox`);
  const tenants = await database.query<{ text: string; running: number }>(
    `SELECT organization_id || ' counts ' || running || ' running' AS text, running FROM queue_tenant`,
  );
  const gates = (await exists(database, 'queue_gate'))
    ? await database.query<{ text: string; running: number }>(`SELECT name || ' counts ' || running || ' running' AS text, running FROM queue_gate`)
    : [];
  const orphans = await database.query<{ text: string }>(
    `SELECT 'worker ' || id AS text FROM queue_worker w
      WHERE NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = 7701 AND l.objid::int = w.id AND l.granted)`,
  );
  const texts = (rows: { text: string }[]) => rows.map((r) => r.text);
  return [
    check('rows left in the queue', 1, texts(left)),
    check('mail left', 1, texts(mail)),
    check('organizations whose count of running runs is wrong', tenants.length, texts(tenants.filter((t) => t.running !== 0))),
    ...(gates.length > 0 ? [check('gates whose count is wrong', gates.length, texts(gates.filter((g) => g.running !== 0)))] : []),
    check('dead workers still registered', 1, texts(orphans)),
  ];
}

export async function exists(database: Database, table: string): Promise<boolean> {
  const [row] = await database.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [`public.${table}`]);
  return row?.there ?? false;
}
