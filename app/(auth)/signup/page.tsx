import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { AuthFrame } from '@/components/auth/auth-frame';
import { safeNextPath } from '@/components/auth/next-path';
import { SignUpForm } from '@/components/auth/sign-up-form';
import { AnchorLink } from '@/components/ui/link';
import { pageApi } from '@/server/api/page-api';
import { pageSession } from '@/server/auth/page-session';

export const metadata: Metadata = { title: 'Create an account' };

export default async function SignUpPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const next = safeNextPath((await searchParams).next, '');
  const session = await pageSession();
  if (session) redirect(next || `/${session.organizations[0]?.slug ?? ''}`);
  const providers = await (await pageApi()).session.providers();
  return (
    <AuthFrame
      title="Create your account"
      lead="Three workflows are waiting for you, ready to run."
      foot={
        <>
          Already have one? <AnchorLink href={next ? `/signin?next=${encodeURIComponent(next)}` : '/signin'}>Sign in</AnchorLink>
        </>
      }
    >
      <SignUpForm next={next || null} providers={providers} />
    </AuthFrame>
  );
}
