import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { credentialNames } from './internal';
import { resetCircuitInput } from './schema';

/** Closes a breaker at once, in every process; what was counted is forgotten. Throws NotFound for a target that has none. */
export async function resetCircuit(ctx: Context, input: z.input<typeof resetCircuitInput>): Promise<{ target: string; state: 'closed' }> {
  authorize(ctx, 'circuit:reset');
  const { target } = parseInput(resetCircuitInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const row = await tx.circuit.findUnique({ where: { organizationId_target: { organizationId, target } }, select: { state: true } });
    if (!row) throw new NotFound('This circuit breaker');
    await tx.$executeRaw`SELECT circuit_close(${organizationId}::uuid, ${target})`;
    const names = await credentialNames(tx, organizationId, [target]);
    await audit(tx, ctx, 'circuit.reset', { type: 'circuit', id: target, name: names.get(target) ?? target }, { was: row.state });
    return { target, state: 'closed' as const };
  });
}
