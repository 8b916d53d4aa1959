import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { credentialNames } from './internal';
import { tripCircuitInput } from './schema';

/** Opens a breaker by hand: calls to the target are stopped for so many minutes, or until it is reset. */
export async function tripCircuit(ctx: Context, input: z.input<typeof tripCircuitInput>): Promise<{ target: string; state: 'open'; until: string }> {
  authorize(ctx, 'circuit:trip');
  const { target, minutes } = parseInput(tripCircuitInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const names = await credentialNames(tx, organizationId, [target]);
    if (target.startsWith('credential:') && !names.has(target)) throw new NotFound('This credential');
    const error = JSON.stringify({ code: 'tripped', message: `${ctx.actor.name} stopped calls to it.` });
    await tx.circuit.createMany({ data: [{ organizationId, target }], skipDuplicates: true });
    await tx.circuit.update({ where: { organizationId_target: { organizationId, target } }, data: { lastError: error } });
    const [row] = await tx.$queryRaw<{ until: Date }[]>`SELECT until FROM circuit_open(${organizationId}::uuid, ${target}, ${minutes * 60}::int)`;
    await audit(tx, ctx, 'circuit.trip', { type: 'circuit', id: target, name: names.get(target) ?? target }, { minutes });
    return { target, state: 'open' as const, until: row?.until.toISOString() ?? '' };
  });
}
