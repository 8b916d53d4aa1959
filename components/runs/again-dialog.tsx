'use client';
import { Modal } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { RunView } from '@/core/runs/fold-run';
import { AgainForm } from './again-form';
import type { RunDetail } from './use-live-run';

/** `rerun` of a run that has ended, `fork` of any. */
export type AgainKind = 'rerun' | 'fork';

/** The dialog that makes a new run from a step of this one. `from`: the step it offers first. */
export function useAgainDialog(run: RunDetail, view: RunView): { dialog: ReactNode; ask: (kind: AgainKind, from?: string) => void } {
  const [asked, setAsked] = useState<{ kind: AgainKind; from?: string; opened: boolean; count: number }>({ kind: 'rerun', opened: false, count: 0 });
  const close = () => setAsked((was) => ({ ...was, opened: false }));
  const dialog = (
    <Modal
      opened={asked.opened}
      onClose={close}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
      title={asked.kind === 'rerun' ? 'Run again from a step' : 'Fork this run'}
    >
      <AgainForm key={asked.count} kind={asked.kind} from={asked.from} run={run} view={view} onClose={close} />
    </Modal>
  );
  return { dialog, ask: (kind, from) => setAsked((was) => ({ kind, ...(from ? { from } : {}), opened: true, count: was.count + 1 })) };
}
