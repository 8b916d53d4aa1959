import type { Metadata } from 'next';
import { Crumbs } from '@/components/shell/crumbs';
import { PageHeader } from '@/components/ui/page-header';
import { NewWorkflowMenu } from '@/components/workflows/new-workflow-menu';
import { WorkflowList } from '@/components/workflows/workflow-list';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Workflows' };

export default async function WorkflowsPage({ params, searchParams }: { params: Promise<{ org: string }>; searchParams: Promise<{ project?: string }> }) {
  const { org } = await params;
  const { project: slug } = await searchParams;
  const project = slug ? (await pageData((api) => api.projects.list({ org })))?.find((one) => one.slug === slug) : undefined;
  const initial = await pageData((api) => api.workflows.list({ org, limit: 30, ...(project ? { project: project.slug } : {}) }));
  return (
    <>
      <Crumbs items={project ? [{ label: 'Workflows', href: `/${org}/workflows` }, { label: project.name }] : [{ label: 'Workflows' }]} />
      <PageHeader
        title={project?.name ?? 'Workflows'}
        description={project ? 'The workflows of this project.' : 'Draw, run and publish.'}
        actions={<NewWorkflowMenu look="phone" />}
      />
      <WorkflowList key={project?.slug} initial={initial} project={project?.slug} />
    </>
  );
}
