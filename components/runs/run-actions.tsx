'use client';
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconGitFork, IconPencil, IconRefresh, IconRepeat } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useTRPC } from '@/components/api/trpc-client';
import { GuardedButton } from '@/components/shell/guarded-button';
import { useOrganization } from '@/components/shell/organization-context';
import { notifyDone, notifyError } from '@/components/ui/notify';
import { isTerminal } from '@/core/engine/events';
import type { RunView, StepView } from '@/core/runs/fold-run';
import { useAgainDialog } from './again-dialog';
import { LiveControls } from './live-controls';
import type { RunDetail } from './use-live-run';

interface Props {
  run: RunDetail;
  view: RunView;
  selected: StepView | null;
}

/** What can be done with a run: halt and stop it while it goes on; afterwards do it again, whole, from where it failed, or from any step. */
export function RunActions({ run, view, selected }: Props) {
  return (
    <>
      {isTerminal(view.status) ? <EndedActions run={run} view={view} /> : <LiveControls run={run} view={view} />}
      <MoreActions run={run} view={view} selected={selected} />
    </>
  );
}

/** The new run opens when it has been made. */
function useOpenRun() {
  const { slug: org } = useOrganization();
  const router = useRouter();
  return ({ runId }: { runId: string }) => {
    notifyDone('A new run has started.');
    router.push(`/${org}/runs/${runId}`);
  };
}

function EndedActions({ run, view }: { run: RunDetail; view: RunView }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const onSuccess = useOpenRun();
  const onError = (error: unknown) => notifyError(error, 'The run was not started again');
  const retry = useMutation(trpc.runs.retry.mutationOptions({ onSuccess, onError }));
  const replay = useMutation(trpc.runs.replay.mutationOptions({ onSuccess, onError }));
  return (
    <>
      <GuardedButton
        permission="run:replay"
        variant="default"
        leftSection={<IconRepeat size={16} />}
        loading={replay.isPending}
        onClick={() => replay.mutate({ org, runId: run.id })}
        title="From the start, with the same input on the same version"
      >
        Replay
      </GuardedButton>
      {view.status === 'succeeded' ? null : (
        <GuardedButton
          permission="run:retry"
          leftSection={<IconRefresh size={16} />}
          loading={retry.isPending}
          onClick={() => retry.mutate({ org, runId: run.id })}
          title={view.status === 'failed' ? 'From where it failed; what was done is kept' : 'From where it was; what was done is kept'}
        >
          Retry
        </GuardedButton>
      )}
    </>
  );
}

function MoreActions({ run, view, selected }: Props) {
  const { slug: org, can } = useOrganization();
  const router = useRouter();
  const { dialog, ask } = useAgainDialog(run, view);
  const ended = isTerminal(view.status);
  const from = selected ? selected.id : undefined;
  return (
    <>
      {dialog}
      <Menu position="bottom-end" width={260}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More actions">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {ended ? (
            <Menu.Item leftSection={<IconRefresh size={15} />} disabled={!can('run:rerun')} onClick={() => ask('rerun', from)}>
              {selected ? `Run again from ${selected.title}…` : 'Run again from a step…'}
            </Menu.Item>
          ) : null}
          <Menu.Item leftSection={<IconGitFork size={15} />} disabled={!can('run:fork')} onClick={() => ask('fork', from)}>
            {selected ? `Fork at ${selected.title}…` : 'Fork…'}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => router.push(`/${org}/workflows/${run.workflow.id}?run=${run.id}`)}>
            Open in the editor
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
