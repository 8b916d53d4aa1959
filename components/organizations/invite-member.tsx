'use client';
import { Alert, Button, Code, CopyButton, Group, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { closeModal, openModal } from '@mantine/modals';
import { IconCheck, IconCopy, IconUserPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTRPC } from '@/components/api/trpc-client';
import { GuardedButton } from '@/components/shell/guarded-button';
import { useOrganization } from '@/components/shell/organization-context';
import { readApiError } from '@/components/ui/api-error';
import { type Role, roles } from '@/core/permissions';

/** The button that opens the form for an invitation. */
export function InviteMemberButton() {
  return (
    <GuardedButton
      permission="member:invite"
      leftSection={<IconUserPlus size={16} />}
      onClick={() => openModal({ modalId: 'invite', title: 'Invite somebody', children: <InviteMember />, closeOnClickOutside: false })}
    >
      Invite
    </GuardedButton>
  );
}

/** Makes the link of an invitation and shows it this once: Heddle sends no mail. */
function InviteMember() {
  const { slug: org, role: own } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const allowed = roles.filter((role) => roles.indexOf(role) >= roles.indexOf(own));
  const form = useForm({
    initialValues: { email: '', role: allowed.includes('editor') ? 'editor' : (allowed[0] ?? 'viewer') },
    validate: { email: (value) => (!value.trim() || /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/.test(value.trim()) ? null : 'This does not look like an e-mail address.') },
  });
  const invite = useMutation(
    trpc.organizations.inviteMember.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.organizations.invitations.queryKey({ org }) }),
      onError: (error) => form.setFieldError('email', readApiError(error).message),
    }),
  );
  if (invite.data) return <ShownOnce url={invite.data.url} />;
  const submit = form.onSubmit(({ email, role }) => invite.mutate({ org, role: role as Role, ...(email.trim() ? { email: email.trim() } : {}) }));
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <Select label="Role" description="What they may do; not more than you may." data={allowed} {...form.getInputProps('role')} />
        <TextInput
          label="E-mail"
          description="Optional: then only the account with this address can join."
          type="email"
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('email')}
        />
        <Button type="submit" loading={invite.isPending} style={{ alignSelf: 'flex-end' }}>
          Make the link
        </Button>
      </Stack>
    </form>
  );
}

function ShownOnce({ url }: { url: string }) {
  return (
    <Stack gap="sm">
      <Alert color="yellow" title="Copy it now and send it yourself">
        This is the only time the link is shown. It works once, for seven days.
      </Alert>
      <Code block tabIndex={0} aria-label="Link of the invitation" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
        {url}
      </Code>
      <Group justify="flex-end">
        <CopyButton value={url} timeout={2000}>
          {({ copied, copy }) => (
            <Button variant={copied ? 'light' : 'filled'} leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />} onClick={copy} data-autofocus>
              {copied ? 'Copied' : 'Copy the link'}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={() => closeModal('invite')}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
