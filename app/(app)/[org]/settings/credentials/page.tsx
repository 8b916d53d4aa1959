import type { Metadata } from 'next';
import { CredentialList, NewCredentialButton } from '@/components/credentials/credential-list';
import { PageHeader } from '@/components/ui/page-header';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Credentials' };

export default async function CredentialsPage({ params }: { params: Promise<{ org: string }> }) {
  const { org } = await params;
  const initial = await pageData((api) => api.credentials.list({ org }));
  return (
    <>
      <PageHeader title="Credentials" description="Sealed secrets. Each is only ever sent to the hosts it is bound to." actions={<NewCredentialButton />} />
      <CredentialList initial={initial} />
    </>
  );
}
