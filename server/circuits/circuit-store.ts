import { enginePool } from '@/server/queue/engine-pool';

/** A breaker as the database answers it; `remaining` ms until it is tried again. */
export interface CircuitRow {
  organizationId: string;
  target: string;
  state: string;
  remaining: number;
  lastError: string | null;
}
export interface Probe {
  target: string;
  probe: number;
}
interface Counted {
  organizationId: string;
  target: string;
  age: number;
  calls: number;
  failures: number;
  error: string | undefined;
}

const columns = 'organization_id AS "organizationId", target, state, remaining, last_error AS "lastError"';

/** Every breaker that is not closed, and the database's time, ms since the epoch. */
export async function readOpenCircuits(): Promise<{ circuits: CircuitRow[]; now: number }> {
  const clock = await enginePool().query<{ now: number }>('SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now');
  const { rows } = await enginePool().query<CircuitRow>({
    name: 'circuits-open',
    text: `SELECT ${columns} FROM (SELECT *, coalesce(greatest(0, extract(epoch FROM until - clock_timestamp()) * 1000), 0)::float8 AS remaining
             FROM circuit WHERE state <> 'closed') c LIMIT 20000`,
  });
  return { circuits: rows, now: clock.rows[0]?.now ?? Date.now() };
}

/** Adds what was counted, and answers what the breakers are now. */
export async function reportCalls(rows: Counted[]): Promise<CircuitRow[]> {
  const answer = await enginePool().query<CircuitRow>({
    name: 'circuits-report',
    text: `SELECT ${columns} FROM circuit_report($1, $2, $3, $4, $5, $6)`,
    values: [
      rows.map((r) => r.organizationId),
      rows.map((r) => r.target),
      rows.map((r) => r.age),
      rows.map((r) => r.calls),
      rows.map((r) => r.failures),
      rows.map((r) => r.error ?? null),
    ],
  });
  return answer.rows;
}

/** Asks to be the one call that tries these targets: all of them, or the one that is in the way. */
export async function probeTargets(organizationId: string, targets: string[]): Promise<{ probes: Probe[] } | { denied: string; remaining: number }> {
  const { rows } = await enginePool().query<Probe & { denied: boolean; remaining: number }>({
    name: 'circuits-probe',
    text: 'SELECT target, probe, denied, remaining FROM circuit_probe($1, $2)',
    values: [organizationId, targets],
  });
  const denied = rows.find((r) => r.denied);
  return denied ? { denied: denied.target, remaining: denied.remaining } : { probes: rows.map(({ target, probe }) => ({ target, probe })) };
}

/** Says that the probes are still under way. */
export async function renewProbes(organizationId: string, probes: Probe[]): Promise<void> {
  await enginePool().query('SELECT circuit_renew($1, $2, $3)', [organizationId, probes.map((p) => p.target), probes.map((p) => p.probe)]);
}

/** Says how the probes ended (null: nothing learnt), and answers what the breakers are now. */
export async function settleProbes(
  organizationId: string,
  probes: Probe[],
  ok: (boolean | null)[],
  error: string | undefined,
): Promise<{ target: string; state: string; remaining: number }[]> {
  const { rows } = await enginePool().query('SELECT target, state, remaining FROM circuit_settle($1, $2, $3, $4, $5)', [
    organizationId,
    probes.map((p) => p.target),
    probes.map((p) => p.probe),
    ok,
    error ?? null,
  ]);
  return rows;
}

/** Forgets breakers that have been closed and quiet for hours. */
export async function forgetQuietCircuits(): Promise<void> {
  await enginePool().query(
    `DELETE FROM circuit WHERE state = 'closed' AND since < now() - interval '6 h' AND coalesce(failed_at, since) < now() - interval '6 h'`,
  );
}
