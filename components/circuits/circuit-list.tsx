'use client';
import { Text, VisuallyHidden } from '@mantine/core';
import { openConfirmModal } from '@mantine/modals';
import { IconPlugConnected, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { GuardedButton } from '@/components/shell/guarded-button';
import { useOrganization } from '@/components/shell/organization-context';
import { EmptyState } from '@/components/ui/empty-state';
import list from '@/components/ui/list.module.css';
import { notifyDone, notifyError } from '@/components/ui/notify';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { CircuitState } from './circuit-state';
import { TripCircuit } from './trip-circuit';

type Answer = ApiOutputs['circuits']['list'];
export type Circuit = Answer['items'][number];

const refreshMs = 3_000;

/** The organization's circuit breakers, open ones first, as they are. */
export function CircuitList({ initial }: { initial: Answer | undefined }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const query = useQuery({ ...trpc.circuits.list.queryOptions({ org }), ...(initial ? { initialData: initial } : {}), refetchInterval: refreshMs });
  return (
    <>
      <div className={list.toolbar}>
        <TripCircuit />
      </div>
      <QueryState query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={<IconPlugConnected size={22} />} title="Nothing is failing">
              A host, model or credential shows here once calls to it fail.
            </EmptyState>
          ) : (
            <div className={list.frame}>
              <table className={list.table}>
                <thead>
                  <tr>
                    <th scope="col">Target</th>
                    <th scope="col">State</th>
                    <th scope="col" className={`${list.wide} ${list.end}`}>
                      Failed
                    </th>
                    <th scope="col" className={list.wide}>
                      Since
                    </th>
                    <th scope="col" className={list.wide}>
                      Next try
                    </th>
                    <th scope="col" className={list.last}>
                      <VisuallyHidden>Actions</VisuallyHidden>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((circuit) => (
                    <CircuitRow key={circuit.target} circuit={circuit} />
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </QueryState>
    </>
  );
}

const kinds: Record<string, string> = { host: 'Host', model: 'Model', credential: 'Credential' };

function CircuitRow({ circuit }: { circuit: Circuit }) {
  const kind = kinds[circuit.target.split(':', 1)[0] ?? ''] ?? '';
  return (
    <tr className={list.row}>
      <td className={list.main}>
        <span className={list.clip} title={circuit.target}>
          <b>{circuit.name}</b>
        </span>
        <span className={`${list.dim} ${list.clip}`}>
          {kind}
          {circuit.lastError ? (
            <>
              {' · '}
              <span title={circuit.lastError.message}>{circuit.lastError.message}</span>
            </>
          ) : null}
        </span>
      </td>
      <td>
        <CircuitState circuit={circuit} />
      </td>
      <td className={`${list.wide} ${list.end}`}>
        {circuit.calls === 0 ? (
          <span className={list.dim}>no calls</span>
        ) : (
          <>
            {Math.round((circuit.failures / circuit.calls) * 100)} % <span className={list.dim}>of {circuit.calls.toLocaleString('en')}</span>
          </>
        )}
      </td>
      <td className={list.wide}>
        <RelativeTime at={circuit.since} />
      </td>
      <td className={list.wide}>
        {circuit.state === 'open' && circuit.until ? (
          <RelativeTime at={circuit.until} ahead />
        ) : (
          <Text span c="dimmed">
            –
          </Text>
        )}
      </td>
      <td className={`${list.end} ${list.last}`}>{circuit.state === 'closed' ? null : <ResetButton circuit={circuit} />}</td>
    </tr>
  );
}

function ResetButton({ circuit }: { circuit: Circuit }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const reset = useMutation(
    trpc.circuits.reset.mutationOptions({
      onSuccess: () => notifyDone(`Calls to ${circuit.name} are made again.`),
      onError: (error) => notifyError(error, 'The breaker was not reset'),
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.circuits.list.queryKey({ org }) }),
    }),
  );
  const ask = () =>
    openConfirmModal({
      title: `Call ${circuit.name} again?`,
      children: 'All workers call it again at once, and what was counted is forgotten. If it still fails, the breaker opens again.',
      labels: { confirm: 'Reset', cancel: 'Leave it' },
      onConfirm: () => reset.mutate({ org, target: circuit.target }),
    });
  return (
    <GuardedButton
      permission="circuit:reset"
      size="xs"
      variant="default"
      className={list.above}
      leftSection={<IconRefresh size={14} />}
      loading={reset.isPending}
      onClick={ask}
      aria-label={`Reset ${circuit.name}`}
    >
      Reset
    </GuardedButton>
  );
}
