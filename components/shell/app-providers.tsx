'use client';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { ApiProvider } from '@/components/api/trpc-client';
import { type Membership, OrganizationProvider, type SignedInPerson } from './organization-context';
import '@mantine/notifications/styles.layer.css';
import '@mantine/spotlight/styles.layer.css';

/** What the pages of an organization share: the API, who is here, modals and notifications. */
export function AppProviders({
  children,
  ...organization
}: {
  organization: Membership;
  person: SignedInPerson;
  memberships: Membership[];
  children: ReactNode;
}) {
  return (
    <ApiProvider>
      <OrganizationProvider {...organization}>
        <ModalsProvider labels={{ confirm: 'Yes', cancel: 'Cancel' }}>
          {children}
          <Notifications position="bottom-right" limit={4} />
        </ModalsProvider>
      </OrganizationProvider>
    </ApiProvider>
  );
}
