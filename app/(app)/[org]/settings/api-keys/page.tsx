import type { Metadata } from 'next';
import { ApiKeyList, NewApiKeyButton } from '@/components/api-keys/api-key-list';
import { PageHeader } from '@/components/ui/page-header';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'API keys' };

export default async function ApiKeysPage({ params }: { params: Promise<{ org: string }> }) {
  const { org } = await params;
  const initial = await pageData((api) => api.apiKeys.list({ org }));
  return (
    <>
      <PageHeader title="API keys" description="For programs that start runs or read results." actions={<NewApiKeyButton />} />
      <ApiKeyList initial={initial} />
    </>
  );
}
