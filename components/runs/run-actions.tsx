'use client';
import { Button, Menu } from '@mantine/core';
import { openConfirmModal } from '@mantine/modals';
import { IconChevronDown, IconPencil, IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useTRPC } from '@/components/api/trpc-client';
import { GuardedButton } from '@/components/shell/guarded-button';
import { useOrganization } from '@/components/shell/organization-context';
import { ButtonLink } from '@/components/ui/link';
import { notifyDone, notifyError } from '@/components/ui/notify';
import { isTerminal, type RunStatus } from '@/core/engine/events';
import type { StepView } from '@/core/runs/fold-run';
import type { RunDetail } from './use-live-run';

/** Cancel while it runs; retry when it has ended: from where it failed, from the chosen step, or from the start. */
export function RunActions({
  run,
  status,
  cancelRequested,
  selected,
}: {
  run: RunDetail;
  status: RunStatus;
  cancelRequested: boolean;
  selected: StepView | null;
}) {
  const { slug: org } = useOrganization();
  return (
    <>
      <ButtonLink href={`/${org}/workflows/${run.workflow.id}?run=${run.id}`} variant="default" leftSection={<IconPencil size={16} />}>
        Open in the editor
      </ButtonLink>
      {isTerminal(status) ? <RetryButton run={run} selected={selected} /> : <CancelButton run={run} requested={cancelRequested} />}
    </>
  );
}

function CancelButton({ run, requested }: { run: RunDetail; requested: boolean }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const cancel = useMutation(trpc.runs.cancel.mutationOptions({ onError: (error) => notifyError(error, 'The run was not cancelled') }));
  const asked = requested || cancel.isSuccess;
  const ask = () =>
    openConfirmModal({
      title: 'Cancel this run?',
      children: 'Steps that are under way are stopped. What is done stays done, and you can retry from any step.',
      labels: { confirm: 'Cancel the run', cancel: 'Let it run' },
      confirmProps: { color: 'red' },
      onConfirm: () => cancel.mutate({ org, runId: run.id }),
    });
  return (
    <GuardedButton
      permission="run:cancel"
      color="red"
      variant="light"
      leftSection={<IconPlayerStop size={16} />}
      loading={cancel.isPending}
      disabled={asked}
      onClick={ask}
    >
      {asked ? 'Cancelling…' : 'Cancel'}
    </GuardedButton>
  );
}

function RetryButton({ run, selected }: { run: RunDetail; selected: StepView | null }) {
  const { slug: org, can } = useOrganization();
  const trpc = useTRPC();
  const router = useRouter();
  const retry = useMutation(
    trpc.runs.retry.mutationOptions({
      onSuccess: ({ runId }) => {
        notifyDone('A new run has started.');
        router.push(`/${org}/runs/${runId}`);
      },
      onError: (error) => notifyError(error, 'The run was not retried'),
    }),
  );
  const first = run.steps[0];
  const failedAt = run.error?.step ? run.steps.find(({ id }) => id === run.error?.step) : undefined;
  const go = (from?: string) => retry.mutate({ org, runId: run.id, ...(from ? { from } : {}) });
  if (!can('run:retry')) {
    return (
      <GuardedButton permission="run:retry" leftSection={<IconRefresh size={16} />}>
        Retry
      </GuardedButton>
    );
  }
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Button leftSection={<IconRefresh size={16} />} rightSection={<IconChevronDown size={14} />} loading={retry.isPending}>
          Retry
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {failedAt ? <Menu.Item onClick={() => go(failedAt.id)}>From where it failed: {failedAt.title}</Menu.Item> : null}
        {selected && selected.id !== failedAt?.id ? <Menu.Item onClick={() => go(selected.id)}>From the chosen step: {selected.title}</Menu.Item> : null}
        {first ? <Menu.Item onClick={() => go(first.id)}>From the start</Menu.Item> : null}
        {selected ? null : <Menu.Label>Choose a step in the timeline to retry from it.</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}
