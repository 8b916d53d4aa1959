import type { Metadata } from 'next';
import { ApprovalDetail } from '@/components/approvals/approval-detail';
import { NoPermission } from '@/components/ui/query-state';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Approval' };

export default async function ApprovalPage({ params }: { params: Promise<{ org: string; approvalId: string }> }) {
  const { org, approvalId } = await params;
  const approval = await pageData((api) => api.approvals.get({ org, id: approvalId }));
  if (!approval) return <NoPermission message="Your role may not read approvals." />;
  return <ApprovalDetail key={approvalId} initial={approval} />;
}
