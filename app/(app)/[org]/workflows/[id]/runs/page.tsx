import type { Metadata } from 'next';
import { RunList } from '@/components/runs/run-list';
import { runFilters } from '@/components/runs/run-words';
import { Crumbs } from '@/components/shell/crumbs';
import { ButtonLink } from '@/components/ui/link';
import { PageHeader } from '@/components/ui/page-header';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Runs' };

type Params = { org: string; id: string };

export default async function WorkflowRunsPage({ params, searchParams }: { params: Promise<Params>; searchParams: Promise<{ status?: string }> }) {
  const { org, id } = await params;
  const query = await searchParams;
  const status = runFilters.find(({ value }) => value === query.status)?.status ?? [];
  const workflow = await pageData((api) => api.workflows.get({ org, id }));
  const initial = await pageData((api) => api.runs.list({ org, limit: 30, workflowId: id, ...(status.length > 0 ? { status } : {}) }));
  const title = workflow?.title ?? 'Workflow';
  return (
    <>
      <Crumbs items={[{ label: 'Workflows', href: `/${org}/workflows` }, { label: title, href: `/${org}/workflows/${id}` }, { label: 'Runs' }]} />
      <PageHeader
        title={`Runs of ${title}`}
        actions={
          <ButtonLink href={`/${org}/workflows/${id}`} variant="default">
            Open the editor
          </ButtonLink>
        }
      />
      <RunList key={query.status} initial={initial} workflowId={id} />
    </>
  );
}
