import { type OrganizationId, withTenant } from '@/server/db/transaction';
import type { CredentialSettings } from './schema';

/** The organization's OpenAI-compatible credentials, for the model picker. The caller has authorized. */
export async function listModelProviders(organizationId: OrganizationId): Promise<{ name: string; baseUrl: string; models: string[] }[]> {
  const rows = await withTenant(organizationId, (tx) =>
    tx.credential.findMany({ where: { organizationId, kind: 'openai-compatible' }, orderBy: { name: 'asc' }, select: { name: true, settings: true } }),
  );
  return rows.map(({ name, settings }) => {
    const { baseUrl = '', models = [] } = settings as CredentialSettings;
    return { name, baseUrl, models };
  });
}
