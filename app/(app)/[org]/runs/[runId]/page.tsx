import type { Metadata } from 'next';
import { nodeLooks } from '@/components/runs/node-looks';
import { RunDetail } from '@/components/runs/run-detail';
import { NoPermission } from '@/components/ui/query-state';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Run' };

export default async function RunPage({ params }: { params: Promise<{ org: string; runId: string }> }) {
  const { org, runId } = await params;
  const run = await pageData((api) => api.runs.get({ org, runId }));
  if (!run) return <NoPermission message="Your role may not read runs." />;
  return <RunDetail key={runId} initial={run} looks={nodeLooks()} />;
}
