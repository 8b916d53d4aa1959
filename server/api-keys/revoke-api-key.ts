import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { forgetApiKeys } from './context-from-api-key';
import { revokeApiKeyInput } from './schema';

/** Ends a key, in this process at once and everywhere within 5 s. */
export async function revokeApiKey(ctx: Context, input: z.input<typeof revokeApiKeyInput>): Promise<{ id: string }> {
  authorize(ctx, 'api-key:revoke');
  const { id } = parseInput(revokeApiKeyInput, input);
  const { organizationId } = ctx;
  await withTenant(organizationId, async (tx) => {
    const key = await tx.apiKey.findUnique({ where: { organizationId_id: { organizationId, id } } });
    if (!key) throw new NotFound('This API key');
    if (key.revokedAt) return;
    await tx.apiKey.update({ where: { organizationId_id: { organizationId, id } }, data: { revokedAt: new Date() } });
    await audit(tx, ctx, 'api-key.revoke', { type: 'api-key', id, name: key.name });
  });
  forgetApiKeys();
  return { id };
}
