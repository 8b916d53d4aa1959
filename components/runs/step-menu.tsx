'use client';
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconGitFork, IconRefresh } from '@tabler/icons-react';
import { useOrganization } from '@/components/shell/organization-context';
import { isTerminal } from '@/core/engine/events';
import type { RunView, StepView } from '@/core/runs/fold-run';
import { useAgainDialog } from './again-dialog';
import type { RunDetail } from './use-live-run';

/** What can be begun from one step of a run. */
export function StepMenu({ run, view, step }: { run: RunDetail; view: RunView; step: StepView }) {
  const { can } = useOrganization();
  const { dialog, ask } = useAgainDialog(run, view);
  const ended = isTerminal(view.status);
  return (
    <>
      {dialog}
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={28} aria-label={`Actions of the step ${step.title}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconRefresh size={15} />} disabled={!ended || !can('run:rerun')} onClick={() => ask('rerun', step.id)}>
            Run again from here…
          </Menu.Item>
          <Menu.Item leftSection={<IconGitFork size={15} />} disabled={!can('run:fork')} onClick={() => ask('fork', step.id)}>
            Fork from here…
          </Menu.Item>
          {ended ? null : <Menu.Label>It can run again once it has ended.</Menu.Label>}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
