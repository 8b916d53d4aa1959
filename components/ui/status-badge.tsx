import {
  IconAlertTriangle,
  IconBan,
  IconCheck,
  IconCircleDashed,
  IconClockHour4,
  IconLoader2,
  IconPlayerSkipForward,
  IconPlayerTrackNext,
} from '@tabler/icons-react';
import type { RunStatus, StepStatus } from '@/core/engine/events';
import classes from './status-badge.module.css';

type Status = RunStatus | StepStatus;
const looks: Record<Status, { tone: string; word: string; icon: typeof IconCheck }> = {
  queued: { tone: 'idle', word: 'Queued', icon: IconPlayerTrackNext },
  pending: { tone: 'idle', word: 'Not started', icon: IconCircleDashed },
  running: { tone: 'running', word: 'Running', icon: IconLoader2 },
  waiting: { tone: 'waiting', word: 'Waiting', icon: IconClockHour4 },
  succeeded: { tone: 'succeeded', word: 'Succeeded', icon: IconCheck },
  failed: { tone: 'failed', word: 'Failed', icon: IconAlertTriangle },
  skipped: { tone: 'idle', word: 'Skipped', icon: IconPlayerSkipForward },
  cancelled: { tone: 'idle', word: 'Cancelled', icon: IconBan },
};

/** The word people read for a status, the same everywhere. */
export function statusWord(status: Status): string {
  return looks[status].word;
}

/** A status as icon and word, never colour alone. `label` replaces the word where something more telling fits (`1.2 s`); the word stays for screen readers. */
export function StatusBadge({ status, label, size = 'md' }: { status: Status; label?: string; size?: 'sm' | 'md' }) {
  const { tone, word, icon: Icon } = looks[status];
  return (
    <span className={classes.badge} data-tone={tone} data-size={size} data-status={status}>
      <Icon size={size === 'sm' ? 11 : 14} stroke={2.2} aria-hidden className={status === 'running' ? classes.spin : undefined} />
      {label ? <span className={classes.hidden}>{word}, </span> : null}
      {label ?? word}
    </span>
  );
}
