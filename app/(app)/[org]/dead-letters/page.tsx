import type { Metadata } from 'next';
import { readDeadLetterFilter } from '@/components/dead-letters/dead-letter-filter';
import { DeadLetterList } from '@/components/dead-letters/dead-letter-list';
import { Crumbs } from '@/components/shell/crumbs';
import { PageHeader } from '@/components/ui/page-header';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Dead letters' };

type Query = { status?: string; reason?: string; q?: string };

export default async function DeadLettersPage({ params, searchParams }: { params: Promise<{ org: string }>; searchParams: Promise<Query> }) {
  const { org } = await params;
  const query = await searchParams;
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const filter = readDeadLetterFilter({ get: (name) => text(query[name as keyof Query]) });
  const initial = await pageData((api) => api.deadLetters.list({ org, limit: 50, ...filter }));
  return (
    <>
      <Crumbs items={[{ label: 'Dead letters' }]} />
      <PageHeader title="Dead letters" description="Runs that Heddle does not try again by itself: somebody has to look at them." />
      <DeadLetterList initial={initial} />
    </>
  );
}
