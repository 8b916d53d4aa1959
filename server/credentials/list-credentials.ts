import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import type { CredentialKind, CredentialSettings } from './schema';

export interface CredentialSummary {
  id: string;
  name: string;
  kind: CredentialKind;
  hosts: string[];
  settings: CredentialSettings;
  createdAt: string;
}

/** The organization's credentials by name, without their secrets. */
export async function listCredentials(ctx: Context): Promise<CredentialSummary[]> {
  authorize(ctx, 'credential:read');
  const rows = await withTenant(ctx.organizationId, (tx) =>
    tx.credential.findMany({ where: { organizationId: ctx.organizationId }, orderBy: { name: 'asc' }, omit: { sealed: true } }),
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    kind: row.kind as CredentialKind,
    hosts: row.hosts,
    settings: row.settings as CredentialSettings,
    createdAt: row.createdAt.toISOString(),
  }));
}
