import type { Metadata } from 'next';
import { LimitsView } from '@/components/limits/limits-view';
import { PageHeader } from '@/components/ui/page-header';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Limits' };

export default async function LimitsPage({ params }: { params: Promise<{ org: string }> }) {
  const { org } = await params;
  const initial = await pageData((api) => api.limits.get({ org }));
  return (
    <>
      <PageHeader title="Limits" description="How many runs are executed at the same time. Runs beyond a limit wait for their turn; nothing is lost." />
      <LimitsView initial={initial} />
    </>
  );
}
