'use client';
import { ActionIcon, Avatar, Badge, Select, Tooltip, VisuallyHidden } from '@mantine/core';
import { openConfirmModal } from '@mantine/modals';
import { IconUserMinus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import list from '@/components/ui/list.module.css';
import { notifyDone, notifyError } from '@/components/ui/notify';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { type Role, roles } from '@/core/permissions';

type Members = ApiOutputs['organizations']['members'];
type Member = Members[number];

/** Who belongs to the organization, with which role. */
export function MemberList({ initial }: { initial: Members | undefined }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const query = useQuery({ ...trpc.organizations.members.queryOptions({ org }), initialData: initial });
  return (
    <QueryState query={query} rows={3}>
      {(members) => (
        <div className={list.frame}>
          <table className={list.table}>
            <thead>
              <tr>
                <th scope="col">Member</th>
                <th scope="col">Role</th>
                <th scope="col" className={list.wide}>
                  Joined
                </th>
                <th scope="col" className={list.last}>
                  <VisuallyHidden>Actions</VisuallyHidden>
                </th>
              </tr>
            </thead>
            <tbody>
              {members.map((member) => (
                <MemberRow
                  key={member.userId}
                  member={member}
                  onlyOwner={member.role === 'owner' && members.filter(({ role }) => role === 'owner').length === 1}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </QueryState>
  );
}

function MemberRow({ member, onlyOwner }: { member: Member; onlyOwner: boolean }) {
  const { person } = useOrganization();
  return (
    <tr>
      <td className={list.main}>
        <div style={{ display: 'flex', gap: 12, alignItems: 'center', minWidth: 0 }}>
          <Avatar name={member.name} size={32} color="iris" aria-hidden className={list.wide} />
          <span style={{ minWidth: 0 }}>
            <span className={list.clip} style={{ fontWeight: 600 }}>
              {member.name}
              {member.userId === person.id ? (
                <Badge size="xs" variant="light" color="gray" ml={6}>
                  you
                </Badge>
              ) : null}
            </span>
            <span className={`${list.dim} ${list.clip}`}>{member.email}</span>
          </span>
        </div>
      </td>
      <td>
        <RoleSelect member={member} onlyOwner={onlyOwner} />
      </td>
      <td className={list.wide}>
        <span className={list.dim}>
          <RelativeTime at={member.joinedAt} />
        </span>
      </td>
      <td className={`${list.end} ${list.last}`}>
        <RemoveButton member={member} onlyOwner={onlyOwner} />
      </td>
    </tr>
  );
}

function RoleSelect({ member, onlyOwner }: { member: Member; onlyOwner: boolean }) {
  const { slug: org, role: own, can, whyNot } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const setRole = useMutation(
    trpc.organizations.setRole.mutationOptions({
      onSuccess: () => notifyDone(`${member.name} has a new role.`),
      onError: (error) => notifyError(error, 'The role was not changed'),
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.organizations.members.queryKey({ org }) }),
    }),
  );
  const above = roles.indexOf(member.role) < roles.indexOf(own);
  const reason = onlyOwner ? 'The only owner stays owner.' : !can('member:update') ? whyNot('member:update') : above ? 'This role is above your own.' : null;
  return (
    <Tooltip label={reason} disabled={!reason} multiline maw={280}>
      <div>
        <Select
          aria-label={`Role of ${member.name}`}
          size="xs"
          w={112}
          data={roles.map((role) => ({ value: role, label: role, disabled: roles.indexOf(role) < roles.indexOf(own) }))}
          value={member.role}
          disabled={Boolean(reason) || setRole.isPending}
          onChange={(role) => role && role !== member.role && setRole.mutate({ org, userId: member.userId, role: role as Role })}
          comboboxProps={{ width: 140 }}
        />
      </div>
    </Tooltip>
  );
}

function RemoveButton({ member, onlyOwner }: { member: Member; onlyOwner: boolean }) {
  const { slug: org, name, can, whyNot } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation(
    trpc.organizations.removeMember.mutationOptions({
      onSuccess: async () => {
        notifyDone(`${member.name} is no longer a member.`);
        await queryClient.invalidateQueries({ queryKey: trpc.organizations.members.queryKey({ org }) });
      },
      onError: (error) => notifyError(error, `${member.name} was not removed`),
    }),
  );
  const reason = onlyOwner ? 'The only owner cannot leave.' : can('member:remove') ? null : whyNot('member:remove');
  const ask = () =>
    openConfirmModal({
      title: `Remove ${member.name}?`,
      children: `They lose their access to ${name} within seconds. What they made stays.`,
      labels: { confirm: 'Remove', cancel: 'Keep' },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate({ org, userId: member.userId }),
    });
  return (
    <Tooltip label={reason ?? `Remove ${member.name}`} multiline maw={280}>
      <ActionIcon
        aria-label={`Remove ${member.name}`}
        aria-disabled={Boolean(reason)}
        data-disabled={reason ? true : undefined}
        loading={remove.isPending}
        onClick={reason ? undefined : ask}
      >
        <IconUserMinus size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
