import type { Metadata } from 'next';
import { GeneralSettings } from '@/components/organizations/general-settings';
import { PageHeader } from '@/components/ui/page-header';

export const metadata: Metadata = { title: 'General' };

export default function GeneralPage() {
  return (
    <>
      <PageHeader title="General" description="What this organization is called." />
      <GeneralSettings />
    </>
  );
}
