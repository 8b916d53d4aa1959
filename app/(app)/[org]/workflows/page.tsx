import type { Metadata } from 'next';
import { Crumbs } from '@/components/shell/crumbs';
import { PageHeader } from '@/components/ui/page-header';
import { NewWorkflowMenu } from '@/components/workflows/new-workflow-menu';
import { WorkflowList } from '@/components/workflows/workflow-list';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Workflows' };

export default async function WorkflowsPage({ params }: { params: Promise<{ org: string }> }) {
  const { org } = await params;
  const initial = await pageData((api) => api.workflows.list({ org, limit: 30 }));
  return (
    <>
      <Crumbs items={[{ label: 'Workflows' }]} />
      <PageHeader title="Workflows" description="Draw, run and publish." actions={<NewWorkflowMenu look="button" />} />
      <WorkflowList initial={initial} />
    </>
  );
}
