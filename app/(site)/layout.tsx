import type { ReactNode } from 'react';
import { SiteFrame } from '@/components/site/site-frame';
import { pageSession } from '@/server/auth/page-session';

export default async function SiteLayout({ children }: { children: ReactNode }) {
  // A page about Heddle's own state must show even when the database is away.
  const session = await pageSession().catch(() => null);
  const first = session?.organizations[0];
  return <SiteFrame home={session ? (first ? `/${first.slug}` : '/signin') : undefined}>{children}</SiteFrame>;
}
