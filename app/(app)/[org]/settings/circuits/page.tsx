import type { Metadata } from 'next';
import { CircuitList } from '@/components/circuits/circuit-list';
import { PageHeader } from '@/components/ui/page-header';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Circuit breakers' };

export default async function CircuitsPage({ params }: { params: Promise<{ org: string }> }) {
  const { org } = await params;
  const initial = await pageData((api) => api.circuits.list({ org }));
  return (
    <>
      <PageHeader
        title="Circuit breakers"
        description="When half of the calls to a host, a model or a credential fail, calls to it are stopped for a while: 30 seconds at first, up to 5 minutes. Then one call tries it again for everybody."
      />
      <CircuitList initial={initial} />
    </>
  );
}
