import { appPool } from '@/server/db/client';
import { enginePool } from '@/server/queue/engine-pool';

export interface StatusCheck {
  name: 'database' | 'workers' | 'queue';
  ok: boolean;
  /** what was found, for people */
  text: string;
  /** how long the check took */
  ms: number;
}
export interface SystemStatus {
  ok: boolean;
  checkedAt: string;
  checks: StatusCheck[];
}

const keepMs = 3_000;
/** a queue in which the next run has waited longer than this is behind */
const behindMs = 30_000;
let last: { at: number; status: Promise<SystemStatus> } | undefined;

/** Database, workers and queue, really asked. Anybody may ask, so an answer is kept for 3 s and holds nothing of any organization. */
export function checkStatus(): Promise<SystemStatus> {
  if (!last || Date.now() - last.at > keepMs) last = { at: Date.now(), status: check() };
  return last.status;
}

async function check(): Promise<SystemStatus> {
  const checks = await Promise.all([
    timed('database', async () => {
      await appPool().query('SELECT 1');
      return { ok: true, text: 'Answers' };
    }),
    timed('workers', checkWorkers),
    timed('queue', checkQueue),
  ]);
  return { ok: checks.every((one) => one.ok), checkedAt: new Date().toISOString(), checks };
}

async function timed(name: StatusCheck['name'], work: () => Promise<{ ok: boolean; text: string }>): Promise<StatusCheck> {
  const since = performance.now();
  const result = await work().catch(() => ({ ok: false, text: 'Does not answer' }));
  return { name, ...result, ms: Math.round((performance.now() - since) * 10) / 10 };
}

/** A worker is alive while it holds its advisory lock (7701, id): a killed one loses it at once. */
async function checkWorkers(): Promise<{ ok: boolean; text: string }> {
  const { rows } = await enginePool().query<{ alive: number }>(
    `SELECT count(*)::int AS alive FROM queue_worker w
      WHERE w.kind = 'worker' AND EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = 7701 AND l.objid = w.id AND l.granted
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))`,
  );
  const alive = rows[0]?.alive ?? 0;
  return { ok: alive > 0, text: alive === 1 ? '1 is running' : alive === 0 ? 'None is running' : `${alive} are running` };
}

async function checkQueue(): Promise<{ ok: boolean; text: string }> {
  const { rows } = await enginePool().query<{ waited: number | null }>(
    'SELECT (extract(epoch FROM now() - enqueued_at) * 1000)::float8 AS waited FROM run_queue WHERE state = 0 ORDER BY id LIMIT 1',
  );
  const waited = rows[0]?.waited ?? 0;
  if (waited > behindMs) return { ok: false, text: `Behind: a run has waited ${Math.round(waited / 1000)} s` };
  return { ok: true, text: 'Keeps up' };
}
