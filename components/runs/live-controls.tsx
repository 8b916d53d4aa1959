'use client';
import { openConfirmModal } from '@mantine/modals';
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTRPC } from '@/components/api/trpc-client';
import { GuardedButton } from '@/components/shell/guarded-button';
import { useOrganization } from '@/components/shell/organization-context';
import { notifyError } from '@/components/ui/notify';
import type { RunView } from '@/core/runs/fold-run';
import type { RunDetail } from './use-live-run';

interface Props {
  run: RunDetail;
  view: RunView;
}

/** Halts, resumes and stops a run that goes on. */
export function LiveControls({ run, view }: Props) {
  return (
    <>
      {view.paused ? <ResumeButton runId={run.id} /> : <PauseButton runId={run.id} stopping={view.cancelRequested} />}
      <CancelButton runId={run.id} requested={view.cancelRequested} />
    </>
  );
}

function PauseButton({ runId, stopping }: { runId: string; stopping: boolean }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const pause = useMutation(trpc.runs.pause.mutationOptions({ onError: (error) => notifyError(error, 'The run was not paused') }));
  return (
    <GuardedButton
      permission="run:pause"
      variant="default"
      leftSection={<IconPlayerPause size={16} />}
      loading={pause.isPending}
      disabled={stopping || pause.isSuccess}
      onClick={() => pause.mutate({ org, runId })}
    >
      {pause.isSuccess ? 'Pausing…' : 'Pause'}
    </GuardedButton>
  );
}

function ResumeButton({ runId }: { runId: string }) {
  const { slug: org } = useOrganization();
  const trpc = useTRPC();
  const resume = useMutation(trpc.runs.resume.mutationOptions({ onError: (error) => notifyError(error, 'The run was not resumed') }));
  return (
    <GuardedButton
      permission="run:resume"
      leftSection={<IconPlayerPlay size={16} />}
      loading={resume.isPending || resume.isSuccess}
      onClick={() => resume.mutate({ org, runId })}
    >
      Resume
    </GuardedButton>
  );
}

function CancelButton({ runId, requested }: { runId: string; requested: boolean }) {
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
      onConfirm: () => cancel.mutate({ org, runId }),
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
