import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { deriveKey } from '@/server/env';
import { insertApiKey } from './create-api-key';
import { hashApiKey, makeApiKey } from './key-format';

/**
 * The key `heddle bootstrap` prints, the same each time: derived from the master secret, so that it needs no storing and repeating the command
 * changes nothing. When it was revoked or has expired the next one of the series is made (docs/decisions/0301-bootstrap-key.md).
 */
export async function ensureBootstrapKey(ctx: Context): Promise<string> {
  authorize(ctx, 'api-key:create');
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    // two commands at once would both insert it
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`bootstrap ${organizationId}`}, 0))`;
    for (let n = 1; ; n++) {
      const key = makeApiKey(deriveKey(`bootstrap-key/${organizationId}/${ctx.actor.id}/${n}`));
      const known = await tx.apiKey.findUnique({ where: { hash: hashApiKey(key) } });
      if (known && (known.revokedAt || (known.expiresAt && known.expiresAt <= new Date()))) continue;
      if (!known) await insertApiKey(tx, ctx, { name: n === 1 ? 'bootstrap' : `bootstrap ${n}`, role: ctx.role }, key);
      return key;
    }
  });
}
