import type { Metadata } from 'next';
import { readApprovalFilter } from '@/components/approvals/approval-filter';
import { ApprovalList } from '@/components/approvals/approval-list';
import { Crumbs } from '@/components/shell/crumbs';
import { PageHeader } from '@/components/ui/page-header';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Approvals' };

type Query = { scope?: string; status?: string; search?: string };

export default async function ApprovalsPage({ params, searchParams }: { params: Promise<{ org: string }>; searchParams: Promise<Query> }) {
  const { org } = await params;
  const query = await searchParams;
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const filter = readApprovalFilter({ get: (name) => text(query[name as keyof Query]) });
  const initial = await pageData((api) => api.approvals.list({ org, limit: 30, ...filter }));
  return (
    <>
      <Crumbs items={[{ label: 'Approvals' }]} />
      <PageHeader title="Approvals" description="Decisions that runs wait for." />
      <ApprovalList initial={initial} />
    </>
  );
}
