'use client';
import { Button, Tooltip, VisuallyHidden } from '@mantine/core';
import { openConfirmModal, openModal } from '@mantine/modals';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { GuardedButton } from '@/components/shell/guarded-button';
import { useOrganization } from '@/components/shell/organization-context';
import { EmptyState } from '@/components/ui/empty-state';
import list from '@/components/ui/list.module.css';
import { notifyDone, notifyError } from '@/components/ui/notify';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { CreateApiKey } from './create-api-key';

type Keys = ApiOutputs['apiKeys']['list'];

/** The button that opens the form for a new key. */
export function NewApiKeyButton() {
  return (
    <GuardedButton
      permission="api-key:create"
      leftSection={<IconPlus size={16} />}
      onClick={() => openModal({ modalId: 'api-key', title: 'New API key', children: <CreateApiKey />, closeOnClickOutside: false })}
    >
      New key
    </GuardedButton>
  );
}

/** The keys of the organization; their secrets are never shown again. */
export function ApiKeyList({ initial }: { initial: Keys | undefined }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const query = useQuery({ ...trpc.apiKeys.list.queryOptions({ org }), initialData: initial });
  return (
    <QueryState query={query} rows={3}>
      {(keys) => {
        if (keys.length === 0) {
          return (
            <EmptyState icon={<IconKey size={22} />} title="No keys yet">
              A key lets a program start runs and read their results through the API.
            </EmptyState>
          );
        }
        return (
          <div className={list.frame}>
            <table className={list.table}>
              <thead>
                <tr>
                  <th scope="col">Key</th>
                  <th scope="col">Role</th>
                  <th scope="col" className={list.wide}>
                    Last used
                  </th>
                  <th scope="col" className={list.wide}>
                    Expires
                  </th>
                  <th scope="col" className={list.last}>
                    <VisuallyHidden>Actions</VisuallyHidden>
                  </th>
                </tr>
              </thead>
              <tbody>
                {keys.map((key) => (
                  <tr key={key.id}>
                    <td className={list.main}>
                      <span className={list.clip} style={{ fontWeight: 600 }}>
                        {key.name}
                      </span>
                      <span className={`${list.dim} ${list.clip}`}>
                        <code>{key.prefix}…</code> · made by {key.createdBy ?? 'the command line'} <RelativeTime at={key.createdAt} />
                      </span>
                    </td>
                    <td>{key.role}</td>
                    <td className={list.wide}>
                      <span className={list.dim}>{key.lastUsedAt ? <RelativeTime at={key.lastUsedAt} /> : 'Never'}</span>
                    </td>
                    <td className={list.wide}>
                      <span className={list.dim}>{key.expiresAt ? <RelativeTime at={key.expiresAt} /> : 'Never'}</span>
                    </td>
                    <td className={`${list.end} ${list.last}`}>
                      <RevokeButton apiKey={key} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        );
      }}
    </QueryState>
  );
}

function RevokeButton({ apiKey }: { apiKey: Keys[number] }) {
  const { slug: org, can, whyNot } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const revoke = useMutation(
    trpc.apiKeys.revoke.mutationOptions({
      onSuccess: () => notifyDone(`The key “${apiKey.name}” is revoked.`),
      onError: (error) => notifyError(error, 'The key was not revoked'),
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.apiKeys.list.queryKey({ org }) }),
    }),
  );
  if (apiKey.revokedAt) {
    return (
      <span className={list.dim}>
        Revoked <RelativeTime at={apiKey.revokedAt} />
      </span>
    );
  }
  const allowed = can('api-key:revoke');
  const ask = () =>
    openConfirmModal({
      title: `Revoke “${apiKey.name}”?`,
      children: 'Programs that use this key are refused from now on. This cannot be undone.',
      labels: { confirm: 'Revoke', cancel: 'Keep' },
      confirmProps: { color: 'red' },
      onConfirm: () => revoke.mutate({ org, id: apiKey.id }),
    });
  return (
    <Tooltip label={whyNot('api-key:revoke')} disabled={allowed} multiline maw={280}>
      <Button
        size="compact-sm"
        variant="subtle"
        color="red"
        loading={revoke.isPending}
        data-disabled={allowed ? undefined : true}
        aria-disabled={!allowed}
        onClick={allowed ? ask : undefined}
      >
        Revoke
      </Button>
    </Tooltip>
  );
}
