import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { Conflict } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { registerSecret } from '@/server/lib/registered-secrets';
import { sealSecret } from './internal';
import type { CredentialSummary } from './list-credentials';
import { type CreateCredentialInput, type CredentialSettings, createCredentialInput } from './schema';

/** Seals a secret and binds it to its hosts. The secret is never given back; to change hosts, make a new one. */
export async function createCredential(ctx: Context, input: CreateCredentialInput): Promise<CredentialSummary> {
  authorize(ctx, 'credential:create');
  const given = parseInput(createCredentialInput, input);
  const { hosts, secret, settings } = split(given);
  registerSecret(secret);
  return withTenant(ctx.organizationId, async (tx) => {
    const { organizationId } = ctx;
    const { name, kind } = given;
    if (await tx.credential.findFirst({ where: { organizationId, name: { equals: name, mode: 'insensitive' } } })) {
      throw new Conflict(`There is a credential named "${name}" already.`);
    }
    const id = uuid();
    const sealed = await sealSecret(tx, { organizationId, id, kind, hosts }, secret);
    const row = await tx.credential.create({ data: { organizationId, id, name, kind, hosts, sealed, settings: settings as object } });
    await audit(tx, ctx, 'credential.create', { type: 'credential', id, name }, { kind, hosts });
    return { id, name, kind, hosts, settings, createdAt: row.createdAt.toISOString() };
  });
}

function split(given: z.output<typeof createCredentialInput>): { hosts: string[]; secret: string; settings: CredentialSettings } {
  switch (given.kind) {
    case 'openai-compatible': {
      const { baseUrl, models, inputPrice, outputPrice } = given;
      return { hosts: [new URL(baseUrl).host], secret: given.apiKey, settings: { baseUrl, models, inputPrice, outputPrice } };
    }
    case 'bearer':
      return { hosts: given.hosts, secret: given.token, settings: {} };
    case 'header':
      return { hosts: given.hosts, secret: given.value, settings: { header: given.header } };
    case 'basic':
      return { hosts: given.hosts, secret: given.password, settings: { username: given.username } };
  }
}
