import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { credentialNames } from './internal';
import type { circuitStates } from './schema';

export interface CircuitSummary {
  target: string;
  /** the target in words people use: of a credential its name */
  name: string;
  state: (typeof circuitStates)[number];
  /** opened by a person */
  tripped: boolean;
  /** of the last 30 s (of an open one: when it opened) */
  calls: number;
  failures: number;
  /** since when it has been in this state */
  since: string;
  /** open: when one call tries it again */
  until: string | null;
  failedAt: string | null;
  lastError: { code: string; message: string } | null;
}

const windowMs = 30_000;
const order = { open: 0, half_open: 1, closed: 2 };

/** The organization's breakers that are not closed or failed within the last hours: open ones first, then by their last failure. */
export async function listCircuits(ctx: Context): Promise<{ items: CircuitSummary[] }> {
  authorize(ctx, 'circuit:read');
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const rows = await tx.circuit.findMany({
      where: { organizationId },
      orderBy: [{ state: 'desc' }, { failedAt: { sort: 'desc', nulls: 'last' } }],
      take: 500,
    });
    const names = await credentialNames(
      tx,
      organizationId,
      rows.map((r) => r.target),
    );
    const items = rows.map((row) => {
      const state = row.state as CircuitSummary['state'];
      // what was counted is shifted when something is told: of a quiet target it has grown old
      const stale = state === 'closed' && (row.failedAt === null || Date.now() - row.failedAt.getTime() > windowMs);
      const total = (counts: number[]) => (stale ? 0 : counts.reduce((a, b) => a + b, 0));
      return {
        target: row.target,
        name: names.get(row.target) ?? row.target.slice(row.target.indexOf(':') + 1),
        state,
        tripped: row.tripped,
        calls: total(row.calls),
        failures: total(row.failures),
        since: row.since.toISOString(),
        until: row.until?.toISOString() ?? null,
        failedAt: row.failedAt?.toISOString() ?? null,
        lastError: row.lastError === null ? null : (JSON.parse(row.lastError) as { code: string; message: string }),
      };
    });
    return { items: items.sort((a, b) => order[a.state] - order[b.state]) };
  });
}
