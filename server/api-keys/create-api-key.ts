import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import { type Role, roles } from '@/core/permissions';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { type Transaction, withTenant } from '@/server/db/transaction';
import { Forbidden } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { hashApiKey, makeApiKey } from './key-format';
import { createApiKeyInput } from './schema';

export interface CreatedApiKey {
  id: string;
  /** the whole key: this once */
  key: string;
  name: string;
  role: Role;
  expiresAt: string | null;
}

/** Makes a key; only its hash is stored. Throws Forbidden for a role above the creator's own. */
export async function createApiKey(ctx: Context, input: z.input<typeof createApiKeyInput>): Promise<CreatedApiKey> {
  authorize(ctx, 'api-key:create');
  const given = parseInput(createApiKeyInput, input);
  if (roles.indexOf(given.role) < roles.indexOf(ctx.role))
    throw new Forbidden(`A key cannot have the role ${given.role}, which is above your own, ${ctx.role}.`);
  return withTenant(ctx.organizationId, (tx) => insertApiKey(tx, ctx, given));
}

/** The insertion alone, for sign-up and `heddle bootstrap`, which do it in a transaction of theirs. */
export async function insertApiKey(tx: Transaction, ctx: Context, given: z.output<typeof createApiKeyInput>, key = makeApiKey()): Promise<CreatedApiKey> {
  const id = uuid();
  const expiresAt = given.expiresInDays ? new Date(Date.now() + given.expiresInDays * 86_400_000) : null;
  await tx.apiKey.create({
    data: {
      organizationId: ctx.organizationId,
      id,
      name: given.name,
      prefix: key.slice(0, 13),
      hash: hashApiKey(key),
      role: given.role,
      createdBy: ctx.actor.type === 'user' ? ctx.actor.id : null,
      expiresAt,
    },
  });
  await audit(tx, ctx, 'api-key.create', { type: 'api-key', id, name: given.name }, { role: given.role });
  return { id, key, name: given.name, role: given.role, expiresAt: expiresAt?.toISOString() ?? null };
}
