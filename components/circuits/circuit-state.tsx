import { IconCircleCheck, IconHandStop, IconPlugX, IconTestPipe } from '@tabler/icons-react';
import badge from '@/components/ui/status-badge.module.css';
import type { Circuit } from './circuit-list';

/** The state of a breaker as icon and word. */
export function CircuitState({ circuit }: { circuit: Circuit }) {
  const { tone, word, Icon } = looks(circuit);
  return (
    <span className={badge.badge} data-tone={tone} data-size="md">
      <Icon size={14} stroke={2.2} aria-hidden />
      {word}
    </span>
  );
}

function looks({ state, tripped }: Circuit) {
  if (state === 'closed') return { tone: 'succeeded', word: 'Closed', Icon: IconCircleCheck };
  if (state === 'half_open') return { tone: 'waiting', word: 'Trying', Icon: IconTestPipe };
  return tripped ? { tone: 'failed', word: 'Stopped', Icon: IconHandStop } : { tone: 'failed', word: 'Open', Icon: IconPlugX };
}
