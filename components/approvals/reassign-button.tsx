'use client';
import { Button, MultiSelect, Stack, Text } from '@mantine/core';
import { closeModal, openModal } from '@mantine/modals';
import { IconUserShare } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { GuardedButton } from '@/components/shell/guarded-button';
import { useOrganization } from '@/components/shell/organization-context';
import { readApiError } from '@/components/ui/api-error';
import { notifyDone } from '@/components/ui/notify';
import { type Role, roles } from '@/core/permissions';
import { assigneeWords } from './assignee-words';

type Approval = ApiOutputs['approvals']['get'];
const roleValue = (role: Role) => `role:${role}`;

/** Opens the choice of others to ask. */
export function ReassignButton({ approval }: { approval: Approval }) {
  const { slug: org } = useOrganization();
  const open = () => openModal({ modalId: 'reassign', title: 'Ask somebody else', children: <Reassign org={org} approval={approval} /> });
  return (
    <GuardedButton permission="approval:reassign" variant="default" leftSection={<IconUserShare size={16} />} onClick={open}>
      Ask somebody else
    </GuardedButton>
  );
}

function Reassign({ org, approval }: { org: string; approval: Approval }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const members = useQuery(trpc.organizations.members.queryOptions({ org }));
  const [chosen, setChosen] = useState<string[]>([]);
  const reassign = useMutation(
    trpc.approvals.reassign.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: trpc.approvals.pathKey() });
        closeModal('reassign');
        notifyDone('Others are asked now.');
      },
    }),
  );
  const data = [
    { group: 'People', items: (members.data ?? []).map(({ name, email }) => ({ value: email, label: `${name} (${email})` })) },
    { group: 'Roles', items: roles.map((role) => ({ value: roleValue(role), label: `All ${assigneeWords([{ role }])}` })) },
  ];
  const send = () =>
    reassign.mutate({
      org,
      id: approval.id,
      assignees: chosen.map((value) => (value.startsWith('role:') ? { role: value.slice(5) as Role } : { user: value })),
    });
  return (
    <Stack gap="sm">
      <Text c="dimmed">They take the place of {assigneeWords(approval.assignees)}. Owners and admins can decide in any case.</Text>
      <MultiSelect
        label="Who decides"
        data={data}
        value={chosen}
        onChange={setChosen}
        searchable
        hidePickedOptions
        maxValues={50}
        error={reassign.error ? readApiError(reassign.error).message : undefined}
        data-autofocus
      />
      <Button onClick={send} loading={reassign.isPending} disabled={chosen.length === 0} style={{ alignSelf: 'flex-end' }}>
        Ask them
      </Button>
    </Stack>
  );
}
