import type { Metadata } from 'next';
import { RunList } from '@/components/runs/run-list';
import { runFilters } from '@/components/runs/run-words';
import { Crumbs } from '@/components/shell/crumbs';
import { PageHeader } from '@/components/ui/page-header';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Runs' };

type Query = { status?: string; workflow?: string };

export default async function RunsPage({ params, searchParams }: { params: Promise<{ org: string }>; searchParams: Promise<Query> }) {
  const { org } = await params;
  const query = await searchParams;
  const status = runFilters.find(({ value }) => value === query.status)?.status ?? [];
  const filter = { ...(status.length > 0 ? { status } : {}), ...(query.workflow ? { workflowId: query.workflow } : {}) };
  const initial = await pageData((api) => api.runs.list({ org, limit: 30, ...filter }));
  return (
    <>
      <Crumbs items={[{ label: 'Runs' }]} />
      <PageHeader title="Runs" description="Every run of every workflow, as it happens." />
      <RunList key={`${query.status}/${query.workflow}`} initial={initial} />
    </>
  );
}
