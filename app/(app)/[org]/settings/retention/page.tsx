import type { Metadata } from 'next';
import { RetentionSettings } from '@/components/organizations/retention-settings';
import { PageHeader } from '@/components/ui/page-header';

export const metadata: Metadata = { title: 'Retention' };

export default function RetentionPage() {
  return (
    <>
      <PageHeader title="Retention" description="How long runs are kept, and what they take." />
      <RetentionSettings />
    </>
  );
}
