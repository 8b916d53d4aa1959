import type { Metadata } from 'next';
import { filterOf, type RunQuery } from '@/components/runs/run-filter';
import { RunList } from '@/components/runs/run-list';
import { Crumbs } from '@/components/shell/crumbs';
import { PageHeader } from '@/components/ui/page-header';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Runs' };

export default async function RunsPage({ params, searchParams }: { params: Promise<{ org: string }>; searchParams: Promise<RunQuery> }) {
  const { org } = await params;
  const query = await searchParams;
  // what counts from now is asked by the browser
  const initial = query.since ? undefined : await pageData((api) => api.runs.list({ org, limit: 30, ...filterOf(query, 0) }));
  return (
    <>
      <Crumbs items={[{ label: 'Runs' }]} />
      <PageHeader title="Runs" description="Every run of every workflow, as it happens." />
      <RunList key={JSON.stringify(query)} initial={initial} />
    </>
  );
}
