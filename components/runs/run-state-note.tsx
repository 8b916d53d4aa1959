'use client';
import { Alert } from '@mantine/core';
import { IconArrowBackUp, IconPlayerPause } from '@tabler/icons-react';
import { RelativeTime } from '@/components/ui/relative-time';
import type { RunView } from '@/core/runs/fold-run';

/** Why a run that has not ended does not go on as usual. */
export function RunStateNote({ view }: { view: RunView }) {
  if (view.paused) {
    const under = view.steps.filter((s) => s.status === 'running' && !s.loop).length;
    return (
      <Alert color="yellow" icon={<IconPlayerPause size={18} />} title={`Paused${view.paused.by ? ` by ${view.paused.by}` : ''}`} mb="sm">
        Since <RelativeTime at={view.paused.at} />.{' '}
        {under > 0 ? `${under === 1 ? 'One step' : `${under} steps`} under way still ${under === 1 ? 'ends' : 'end'}; no` : 'No'} new step starts until somebody
        resumes it. Answers that come meanwhile are kept.
      </Alert>
    );
  }
  if (view.compensating) {
    return (
      <Alert color="yellow" icon={<IconArrowBackUp size={18} />} title="Being undone" mb="sm">
        What completed is being undone, the last step first.
      </Alert>
    );
  }
  return null;
}
