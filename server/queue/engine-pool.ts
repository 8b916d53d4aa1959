import pg from 'pg';
import { survivable } from '@/server/db/survivable';
import { databaseUrlFor } from '@/server/env';

const shared = ((globalThis as { __heddleEngine?: { pool?: pg.Pool } }).__heddleEngine ??= {});

/** Connections of the role heddle_engine, which reaches the run tables of every organization and nothing else. */
export function enginePool(): pg.Pool {
  shared.pool ??= survivable(
    new pg.Pool({ connectionString: databaseUrlFor('heddle_engine'), max: 4, idleTimeoutMillis: 30_000, application_name: 'heddle engine', keepAlive: true }),
  );
  return shared.pool;
}

/**
 * Of connections that call the same functions thousands of times. Plans cached while the tables were empty would scan them for ever; and a plan made anew
 * for the parameters of each call, which the planner takes for cheaper because it names one partition, costs more than it saves: 0.6 ms with 20 weeks of runs.
 */
export const hotPathSettings = { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off', plan_cache_mode: 'force_generic_plan' };

/** A connection of its own, for LISTEN, locks and prepared statements; the caller ends it. Call `connect()` on it. */
export function engineConnection(name: string, settings: Record<string, string> = {}): pg.Client {
  const options = Object.entries(settings)
    .map(([key, value]) => `-c ${key}=${value}`)
    .join(' ');
  return new pg.Client({
    connectionString: databaseUrlFor('heddle_engine'),
    application_name: `heddle ${name}`,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    ...(options ? { options } : {}),
  });
}

/** Closes the pool, at shutdown and after tests. */
export async function closeEnginePool(): Promise<void> {
  const pool = shared.pool;
  shared.pool = undefined;
  await pool?.end();
}
