import { IconBan, IconCheck, IconClockHour4, IconHourglassEmpty, IconX } from '@tabler/icons-react';
import type { ApiOutputs } from '@/components/api/trpc-client';
import classes from '@/components/ui/status-badge.module.css';

export type ApprovalStatus = ApiOutputs['approvals']['get']['status'];
const looks: Record<ApprovalStatus, { tone: string; word: string; icon: typeof IconCheck }> = {
  open: { tone: 'waiting', word: 'Waiting', icon: IconClockHour4 },
  approved: { tone: 'succeeded', word: 'Approved', icon: IconCheck },
  rejected: { tone: 'failed', word: 'Rejected', icon: IconX },
  expired: { tone: 'idle', word: 'Expired', icon: IconHourglassEmpty },
  cancelled: { tone: 'idle', word: 'Not needed', icon: IconBan },
};

/** What became of an approval, as icon and word. */
export function ApprovalBadge({ status }: { status: ApprovalStatus }) {
  const { tone, word, icon: Icon } = looks[status];
  return (
    <span className={classes.badge} data-tone={tone} data-status={status}>
      <Icon size={14} stroke={2.2} aria-hidden />
      {word}
    </span>
  );
}
