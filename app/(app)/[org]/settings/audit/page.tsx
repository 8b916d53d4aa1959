import type { Metadata } from 'next';
import { AuditList } from '@/components/audit/audit-list';
import { PageHeader } from '@/components/ui/page-header';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Audit log' };

export default async function AuditPage({ params }: { params: Promise<{ org: string }> }) {
  const { org } = await params;
  const initial = await pageData((api) => api.audit.list({ org, limit: 50 }));
  return (
    <>
      <PageHeader title="Audit log" description="Who did what, and when. Written in the same transaction as the change itself." />
      <AuditList initial={initial} />
    </>
  );
}
