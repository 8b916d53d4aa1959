'use client';
import { Button, Title, VisuallyHidden } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import list from '@/components/ui/list.module.css';
import { notifyDone, notifyError } from '@/components/ui/notify';
import { RelativeTime } from '@/components/ui/relative-time';

type Invitation = ApiOutputs['organizations']['invitations'][number];

/** The invitations that can still be used; nothing where there are none, or for whoever may not invite. */
export function InvitationList() {
  const { slug: org, can } = useOrganization();
  const trpc = useTRPC();
  const { data: invitations = [] } = useQuery({ ...trpc.organizations.invitations.queryOptions({ org }), enabled: can('member:invite') });
  if (invitations.length === 0) return null;
  return (
    <section aria-labelledby="open-invitations" style={{ marginTop: 24 }}>
      <Title order={2} id="open-invitations" mb="xs">
        Open invitations
      </Title>
      <div className={list.frame}>
        <table className={list.table}>
          <thead>
            <tr>
              <th scope="col">For</th>
              <th scope="col">Role</th>
              <th scope="col" className={list.wide}>
                Made
              </th>
              <th scope="col" className={list.last}>
                <VisuallyHidden>Actions</VisuallyHidden>
              </th>
            </tr>
          </thead>
          <tbody>
            {invitations.map((invitation) => (
              <tr key={invitation.id}>
                <td className={list.main}>
                  <span className={list.clip}>{invitation.email ?? 'Whoever has the link'}</span>
                </td>
                <td>{invitation.role}</td>
                <td className={list.wide}>
                  <span className={list.dim}>
                    <RelativeTime at={invitation.createdAt} />
                  </span>
                </td>
                <td className={`${list.end} ${list.last}`}>
                  <WithdrawButton invitation={invitation} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function WithdrawButton({ invitation }: { invitation: Invitation }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const revoke = useMutation(
    trpc.organizations.revokeInvitation.mutationOptions({
      onSuccess: () => notifyDone('The invitation is withdrawn: its link no longer works.'),
      onError: (error) => notifyError(error, 'The invitation was not withdrawn'),
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.organizations.invitations.queryKey({ org }) }),
    }),
  );
  return (
    <Button
      size="compact-sm"
      variant="subtle"
      color="red"
      loading={revoke.isPending}
      aria-label={`Withdraw the invitation for ${invitation.email ?? 'whoever has the link'}, ${invitation.role}`}
      onClick={() => revoke.mutate({ org, id: invitation.id })}
    >
      Withdraw
    </Button>
  );
}
