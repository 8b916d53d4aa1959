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
  const done = undoneBy(view);
  if (done) return <UndoneNote {...done} titleOf={(path) => view.steps.find((s) => s.path === path)?.title ?? path} />;
  if (view.compensating) {
    return (
      <Alert color="yellow" icon={<IconArrowBackUp size={18} />} title="Being undone" mb="sm">
        What completed is being undone, the last step first.
      </Alert>
    );
  }
  return null;
}

/** What a run that ended was undone of, as its error tells it: paths of steps. Undefined when nothing was to be undone. */
export function undoneBy({ error, finishedAt }: Pick<RunView, 'error' | 'finishedAt'>): { undone: string[]; notUndone: string[] } | undefined {
  const details = error?.details;
  if (finishedAt === null || details === null || typeof details !== 'object' || Array.isArray(details)) return undefined;
  const paths = (value: unknown): string[] => (Array.isArray(value) ? value.filter((v) => typeof v === 'string') : []);
  const [undone, notUndone] = [paths(details.undone), paths(details.notUndone)];
  return undone.length + notUndone.length > 0 ? { undone, notUndone } : undefined;
}

function UndoneNote({ undone, notUndone, titleOf }: { undone: string[]; notUndone: string[]; titleOf: (path: string) => string }) {
  const failed = notUndone.length > 0;
  return (
    <Alert
      color={failed ? 'red' : 'gray'}
      icon={<IconArrowBackUp size={18} />}
      title={failed ? `Could not be undone: ${notUndone.map(titleOf).join(', ')}` : 'What it had completed was undone'}
      mb="sm"
    >
      {undone.length > 0 ? `Undone: ${undone.map(titleOf).join(', ')}.` : 'Nothing else was undone.'}
    </Alert>
  );
}
