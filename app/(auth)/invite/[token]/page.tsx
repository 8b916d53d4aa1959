import type { Metadata } from 'next';
import { AuthFrame } from '@/components/auth/auth-frame';
import { AcceptInvitation } from '@/components/organizations/accept-invitation';
import { AnchorLink, ButtonLink } from '@/components/ui/link';
import { pageApi } from '@/server/api/page-api';
import { pageSession } from '@/server/auth/page-session';

export const metadata: Metadata = { title: 'Invitation', robots: { index: false } };

/** What the link of an invitation leads to: sign in or up first, then join. */
export default async function InvitationPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const invitation = token.length > 100 ? null : await (await pageApi()).organizations.invitation({ token });
  if (!invitation) {
    return (
      <AuthFrame
        title="This invitation does not work"
        lead="It was used, it was withdrawn, or its seven days are over. Ask for a new one."
        foot={<AnchorLink href="/">Go to Heddle</AnchorLink>}
      >
        <ButtonLink href="/signin" variant="default" fullWidth>
          Sign in
        </ButtonLink>
      </AuthFrame>
    );
  }
  const session = await pageSession();
  const next = encodeURIComponent(`/invite/${token}`);
  const lead = `You are invited with the role ${invitation.role}${invitation.email ? `, as ${invitation.email}` : ''}.`;
  return (
    <AuthFrame title={`Join ${invitation.organization}`} lead={lead} foot={session ? `Signed in as ${session.user.email}` : 'The invitation can be used once.'}>
      {session ? (
        <AcceptInvitation token={token} organization={invitation.organization} role={invitation.role} />
      ) : (
        <div style={{ display: 'grid', gap: 12 }}>
          <ButtonLink href={`/signin?next=${next}`} fullWidth>
            Sign in to join
          </ButtonLink>
          <ButtonLink href={`/signup?next=${next}`} variant="default" fullWidth>
            Create an account
          </ButtonLink>
        </div>
      )}
    </AuthFrame>
  );
}
