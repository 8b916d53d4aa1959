import { IconArrowBackUp, IconBiohazard, IconMailOpened, IconRepeatOff, IconTrash } from '@tabler/icons-react';
import badge from '@/components/ui/status-badge.module.css';
import type { DeadLetterReason, DeadLetterStatus } from '@/server/dead-letters/schema';

const reasons = {
  exhausted: { tone: 'waiting', word: 'Retries exhausted', icon: IconRepeatOff },
  poisoned: { tone: 'failed', word: 'Poisoned', icon: IconBiohazard },
} as const;
const statuses = {
  open: { tone: 'waiting', word: 'Open', icon: IconMailOpened },
  retried: { tone: 'succeeded', word: 'Retried', icon: IconArrowBackUp },
  discarded: { tone: 'idle', word: 'Discarded', icon: IconTrash },
} as const;

function Badge({ look: { tone, word, icon: Icon } }: { look: (typeof reasons)[DeadLetterReason] | (typeof statuses)[DeadLetterStatus] }) {
  return (
    <span className={badge.badge} data-tone={tone} data-size="md">
      <Icon size={14} stroke={2.2} aria-hidden />
      {word}
    </span>
  );
}

/** Why a run is a dead letter. */
export function ReasonBadge({ reason }: { reason: DeadLetterReason }) {
  return <Badge look={reasons[reason]} />;
}

/** What became of a dead letter. */
export function LetterStatusBadge({ status }: { status: DeadLetterStatus }) {
  return <Badge look={statuses[status]} />;
}
