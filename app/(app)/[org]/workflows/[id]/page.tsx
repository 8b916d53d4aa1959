import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { WorkflowEditor } from '@/components/editor/workflow-editor';
import { parseAwl } from '@/core/workflow/awl';
import { pageData } from '@/server/api/page-api';

type Params = { org: string; id: string };

export async function generateMetadata({ params }: { params: Promise<Params> }): Promise<Metadata> {
  const { org, id } = await params;
  const workflow = await pageData((api) => api.workflows.get({ org, id }));
  return { title: workflow?.title ?? 'Workflow' };
}

export default async function WorkflowPage({ params, searchParams }: { params: Promise<Params>; searchParams: Promise<{ run?: string }> }) {
  const { org, id } = await params;
  const { run } = await searchParams;
  const [detail, runs] = await Promise.all([
    pageData((api) => api.workflows.get({ org, id })),
    pageData((api) => api.runs.list({ org, workflowId: id, limit: 1 })),
  ]);
  const parsed = detail && parseAwl(detail.draft.document);
  if (!detail || !parsed?.ok) notFound();
  const { draft, ...rest } = detail;
  return <WorkflowEditor key={id} detail={{ ...rest, draft: { revision: draft.revision } }} workflow={parsed.workflow} runId={run ?? runs?.items[0]?.id} />;
}
