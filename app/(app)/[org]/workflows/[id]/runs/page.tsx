import type { Metadata } from 'next';
import { filterOf, type RunQuery } from '@/components/runs/run-filter';
import { RunList } from '@/components/runs/run-list';
import { Crumbs } from '@/components/shell/crumbs';
import { ButtonLink } from '@/components/ui/link';
import { PageHeader } from '@/components/ui/page-header';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Runs' };

type Params = { org: string; id: string };

export default async function WorkflowRunsPage({ params, searchParams }: { params: Promise<Params>; searchParams: Promise<RunQuery> }) {
  const { org, id } = await params;
  const query = await searchParams;
  const workflow = await pageData((api) => api.workflows.get({ org, id }));
  // what counts from now is asked by the browser
  const initial = query.since ? undefined : await pageData((api) => api.runs.list({ org, limit: 30, ...filterOf({ ...query, workflow: id }, 0) }));
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
      <RunList key={JSON.stringify(query)} initial={initial} workflowId={id} />
    </>
  );
}
