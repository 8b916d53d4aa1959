import { isIP } from 'node:net';
import { StepError } from '@/core/node/executor';
import { type OrganizationId, type Transaction, withTenant } from '@/server/db/transaction';
import { registerSecret } from '@/server/lib/registered-secrets';
import { openSecret } from './internal';
import type { CredentialKind, CredentialSettings } from './schema';

const isId = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The headers a credential adds to a request for this address. For executors alone, by way of the egress client: no verb, page or expression
 * ever sees the secret. `organizationId` comes from the run. Throws StepError when the credential is absent or not bound to the host.
 */
export async function credentialHeaders(organizationId: string, nameOrId: string, url: URL): Promise<Record<string, string>> {
  return withTenant(organizationId as OrganizationId, async (tx) => {
    const row = await find(tx, organizationId as OrganizationId, nameOrId);
    checkHost(row, url);
    const secret = await openSecret(tx, { organizationId: organizationId as OrganizationId, id: row.id, kind: row.kind, hosts: row.hosts }, row.sealed).catch(
      (cause: Error) => {
        throw new StepError('credential_unreadable', cause.message, { retryable: false, cause });
      },
    );
    registerSecret(secret);
    return headersOf(row.kind as CredentialKind, row.settings as CredentialSettings, secret);
  });
}

/** What is not secret of a credential, for the model service (base URL, prices). */
export async function credentialSettings(organizationId: string, nameOrId: string): Promise<{ kind: CredentialKind; settings: CredentialSettings }> {
  const row = await withTenant(organizationId as OrganizationId, (tx) => find(tx, organizationId as OrganizationId, nameOrId));
  return { kind: row.kind as CredentialKind, settings: row.settings as CredentialSettings };
}

/** The id of a credential by its name or id; undefined when there is none. */
export async function credentialId(organizationId: string, nameOrId: string): Promise<string | undefined> {
  const row = await withTenant(organizationId as OrganizationId, (tx) =>
    tx.credential.findFirst({ where: { organizationId, ...(isId.test(nameOrId) ? { id: nameOrId } : { name: nameOrId }) }, select: { id: true } }),
  );
  return row?.id;
}

async function find(tx: Transaction, organizationId: OrganizationId, nameOrId: string) {
  const row = await tx.credential.findFirst({ where: { organizationId, ...(isId.test(nameOrId) ? { id: nameOrId } : { name: nameOrId }) } });
  if (!row)
    throw new StepError('credential_not_found', `There is no credential "${nameOrId}". Credentials are made under Settings, Credentials.`, {
      retryable: false,
    });
  return row;
}

function checkHost(row: { name: string; hosts: string[] }, url: URL): void {
  if (!row.hosts.includes(url.host)) {
    throw new StepError('credential_host', `The credential "${row.name}" is bound to ${row.hosts.join(', ')} and is not sent to ${url.host}.`, {
      retryable: false,
    });
  }
  const isLocal = isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0 || !url.hostname.includes('.');
  if (url.protocol !== 'https:' && !isLocal) {
    throw new StepError('credential_host', `The credential "${row.name}" is only sent over https.`, { retryable: false });
  }
}

function headersOf(kind: CredentialKind, settings: CredentialSettings, secret: string): Record<string, string> {
  switch (kind) {
    case 'openai-compatible':
    case 'bearer':
      return { authorization: `Bearer ${secret}` };
    case 'header':
      return { [(settings.header ?? 'x-api-key').toLowerCase()]: secret };
    case 'basic': {
      const pair = Buffer.from(`${settings.username ?? ''}:${secret}`).toString('base64');
      registerSecret(pair);
      return { authorization: `Basic ${pair}` };
    }
  }
}
