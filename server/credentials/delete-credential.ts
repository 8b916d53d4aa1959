import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { deleteCredentialInput } from './schema';

/** Deletes a credential; steps that name it fail from now on. */
export async function deleteCredential(ctx: Context, input: z.input<typeof deleteCredentialInput>): Promise<void> {
  authorize(ctx, 'credential:delete');
  const { id } = parseInput(deleteCredentialInput, input);
  await withTenant(ctx.organizationId, async (tx) => {
    const where = { organizationId_id: { organizationId: ctx.organizationId, id } };
    const row = await tx.credential.findUnique({ where, omit: { sealed: true } });
    if (!row) throw new NotFound('This credential');
    await tx.credential.delete({ where });
    await audit(tx, ctx, 'credential.delete', { type: 'credential', id, name: row.name }, { kind: row.kind, hosts: row.hosts });
  });
}
