import type { Metadata } from 'next';
import { InvitationList } from '@/components/organizations/invitation-list';
import { InviteMemberButton } from '@/components/organizations/invite-member';
import { MemberList } from '@/components/organizations/member-list';
import { RoleTable } from '@/components/organizations/role-table';
import { PageHeader } from '@/components/ui/page-header';
import { pageData } from '@/server/api/page-api';

export const metadata: Metadata = { title: 'Members' };

export default async function MembersPage({ params }: { params: Promise<{ org: string }> }) {
  const { org } = await params;
  const initial = await pageData((api) => api.organizations.members({ org }));
  return (
    <>
      <PageHeader title="Members" description="Who belongs to this organization, and what they may do." actions={<InviteMemberButton />} />
      <MemberList initial={initial} />
      <InvitationList />
      <RoleTable />
    </>
  );
}
