import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { AuthFrame } from '@/components/auth/auth-frame';
import { safeNextPath } from '@/components/auth/next-path';
import { SignInForm } from '@/components/auth/sign-in-form';
import { AnchorLink } from '@/components/ui/link';
import { pageApi } from '@/server/api/page-api';
import { pageSession } from '@/server/auth/page-session';

export const metadata: Metadata = { title: 'Sign in' };

/** next-auth's error codes, in words. */
const problems: Record<string, string> = {
  OAuthAccountNotLinked: 'This address already has an account. Sign in the way you did before.',
  AccessDenied: 'That account may not sign in here.',
  SessionRequired: 'Your session has ended. Sign in again.',
};

export default async function SignInPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const query = await searchParams;
  const session = await pageSession();
  const next = safeNextPath(query.next ?? query.callbackUrl, '');
  if (session) redirect(next || `/${session.organizations[0]?.slug ?? ''}`);
  const problem = typeof query.error === 'string' ? (problems[query.error] ?? 'Signing in did not work. Try once more.') : undefined;
  const providers = await (await pageApi()).session.providers();
  return (
    <AuthFrame
      title="Welcome back"
      lead="Sign in to your workflows."
      foot={
        <>
          New here? <AnchorLink href={next ? `/signup?next=${encodeURIComponent(next)}` : '/signup'}>Create an account</AnchorLink>
        </>
      }
    >
      <SignInForm next={next || '/signin'} providers={providers} problem={problem} />
    </AuthFrame>
  );
}
