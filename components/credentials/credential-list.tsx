'use client';
import { ActionIcon, Badge, Tooltip, VisuallyHidden } from '@mantine/core';
import { openConfirmModal, openModal } from '@mantine/modals';
import { IconLockPassword, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { GuardedButton } from '@/components/shell/guarded-button';
import { useOrganization } from '@/components/shell/organization-context';
import { EmptyState } from '@/components/ui/empty-state';
import list from '@/components/ui/list.module.css';
import { notifyDone, notifyError } from '@/components/ui/notify';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { CreateCredential } from './create-credential';
import { kindLabel } from './kinds';

type Credentials = ApiOutputs['credentials']['list'];

/** The button that opens the form for a new credential. */
export function NewCredentialButton() {
  return (
    <GuardedButton
      permission="credential:create"
      leftSection={<IconPlus size={16} />}
      onClick={() => openModal({ modalId: 'credential', title: 'New credential', size: 'lg', children: <CreateCredential />, closeOnClickOutside: false })}
    >
      New credential
    </GuardedButton>
  );
}

/** The sealed secrets of the organization, each with the hosts it may be sent to. */
export function CredentialList({ initial }: { initial: Credentials | undefined }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const query = useQuery({ ...trpc.credentials.list.queryOptions({ org }), initialData: initial });
  return (
    <QueryState query={query} rows={3}>
      {(credentials) =>
        credentials.length === 0 ? (
          <EmptyState icon={<IconLockPassword size={22} />} title="No credentials yet">
            Connect a model provider, or keep a token for the HTTP step. Until then model steps use the simulated sandbox model.
          </EmptyState>
        ) : (
          <div className={list.frame}>
            <table className={list.table}>
              <thead>
                <tr>
                  <th scope="col">Credential</th>
                  <th scope="col" className={list.wide}>
                    Sent only to
                  </th>
                  <th scope="col" className={list.wide}>
                    Made
                  </th>
                  <th scope="col" className={list.last}>
                    <VisuallyHidden>Actions</VisuallyHidden>
                  </th>
                </tr>
              </thead>
              <tbody>
                {credentials.map((credential) => (
                  <tr key={credential.id}>
                    <td className={list.main}>
                      <span className={list.clip} style={{ fontWeight: 600 }}>
                        {credential.name}
                      </span>
                      <span className={`${list.dim} ${list.clip}`}>
                        {[kindLabel(credential.kind), credential.settings.baseUrl].filter(Boolean).join(' · ')}
                      </span>
                    </td>
                    <td className={list.wide}>
                      <span style={{ display: 'flex', gap: 4, flexWrap: 'wrap' }}>
                        {credential.hosts.map((host) => (
                          <Badge key={host} variant="light" color="gray" tt="none">
                            {host}
                          </Badge>
                        ))}
                      </span>
                    </td>
                    <td className={list.wide}>
                      <span className={list.dim}>
                        <RelativeTime at={credential.createdAt} />
                      </span>
                    </td>
                    <td className={`${list.end} ${list.last}`}>
                      <DeleteButton credential={credential} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )
      }
    </QueryState>
  );
}

function DeleteButton({ credential }: { credential: Credentials[number] }) {
  const { slug: org, can, whyNot } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation(
    trpc.credentials.delete.mutationOptions({
      onSuccess: () => notifyDone(`“${credential.name}” is deleted.`),
      onError: (error) => notifyError(error, 'It was not deleted'),
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.credentials.list.queryKey({ org }) }),
    }),
  );
  const allowed = can('credential:delete');
  const ask = () =>
    openConfirmModal({
      title: `Delete “${credential.name}”?`,
      children: 'Steps that use it will fail from now on. The secret cannot be brought back.',
      labels: { confirm: 'Delete', cancel: 'Keep' },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate({ org, id: credential.id }),
    });
  return (
    <Tooltip label={allowed ? 'Delete' : whyNot('credential:delete')} multiline maw={280}>
      <ActionIcon
        aria-label={`Delete ${credential.name}`}
        aria-disabled={!allowed}
        data-disabled={allowed ? undefined : true}
        loading={remove.isPending}
        onClick={allowed ? ask : undefined}
      >
        <IconTrash size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
