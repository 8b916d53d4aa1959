import { cookies, headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { safeNextPath } from '@/components/auth/next-path';
import { AppProviders } from '@/components/shell/app-providers';
import { AppShell } from '@/components/shell/app-shell';
import { pageSession } from '@/server/auth/page-session';

export default async function OrganizationLayout({ params, children }: { params: Promise<{ org: string }>; children: ReactNode }) {
  const { org } = await params;
  // middleware: a name that no organization may have
  if ((await headers()).get('x-absent')) notFound();
  const session = await pageSession();
  if (!session) {
    const path = safeNextPath((await headers()).get('x-path'), `/${org}`);
    redirect(`/signin?next=${encodeURIComponent(path)}`);
  }
  const memberships = session.organizations.map(({ slug, name, role }) => ({ slug, name, role }));
  const organization = memberships.find(({ slug }) => slug === org);
  if (!organization) notFound();
  const railOpen = (await cookies()).get('heddle-rail')?.value !== 'closed';
  return (
    <AppProviders organization={organization} person={session.user} memberships={memberships}>
      <AppShell railOpen={railOpen}>{children}</AppShell>
    </AppProviders>
  );
}
