'use client';
import { openConfirmModal } from '@mantine/modals';
import { IconRefresh, IconTrash } from '@tabler/icons-react';
import { GuardedButton } from '@/components/shell/guarded-button';
import { type Choice, useResolve } from './use-resolve';

interface Props {
  /** how many it is about; null: all that the choice finds, however many */
  count: number | null;
  choice: Choice;
  onDone: () => void;
  size?: 'xs' | 'sm';
}

/** Retry and discard, each after a question when it is about several or cannot be taken back. */
export function ResolveButtons({ count, choice, onDone, size = 'xs' }: Props) {
  const { resolve, busy, done } = useResolve(onDone);
  const these = count === 1 ? 'this run' : count === null ? 'all of them' : `${count} runs`;
  const retry = () => {
    if (count === 1) return void resolve('retry', choice);
    openConfirmModal({
      title: `Retry ${these}?`,
      children: 'Each becomes a new run from the step that failed; what was done before is kept. If the cause is still there, they come back.',
      labels: { confirm: `Retry ${these}`, cancel: 'Not now' },
      onConfirm: () => void resolve('retry', choice),
    });
  };
  const discard = () =>
    openConfirmModal({
      title: `Discard ${count === 1 ? 'this dead letter' : count === null ? 'all of them' : `${count} dead letters`}?`,
      children: 'They leave this list for good; their runs stay as they failed and can still be retried one by one.',
      labels: { confirm: 'Discard', cancel: 'Keep' },
      confirmProps: { color: 'red' },
      onConfirm: () => void resolve('discard', choice),
    });
  const label = (word: string, what: 'retry' | 'discard') => (busy === what && done > 0 ? `${done} …` : word);
  return (
    <>
      <GuardedButton
        permission="dead-letter:retry"
        size={size}
        leftSection={<IconRefresh size={15} />}
        loading={busy === 'retry' && done === 0}
        disabled={busy !== null || count === 0}
        onClick={retry}
      >
        {label('Retry', 'retry')}
      </GuardedButton>
      <GuardedButton
        permission="dead-letter:discard"
        size={size}
        variant="default"
        leftSection={<IconTrash size={15} />}
        loading={busy === 'discard' && done === 0}
        disabled={busy !== null || count === 0}
        onClick={discard}
      >
        {label('Discard', 'discard')}
      </GuardedButton>
    </>
  );
}
