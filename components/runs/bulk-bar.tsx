'use client';
import { Button, Checkbox, Group, Text } from '@mantine/core';
import { openConfirmModal } from '@mantine/modals';
import { IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { GuardedButton } from '@/components/shell/guarded-button';
import { isTerminal } from '@/core/engine/events';
import classes from './bulk-bar.module.css';
import type { RunFilter } from './run-filter';
import type { RunSummary } from './run-table';
import { useBulk } from './use-bulk';

interface Props {
  /** the chosen runs among those shown */
  items: RunSummary[];
  filter: RunFilter;
  /** all that are shown are chosen */
  all: boolean;
  /** there are more than those shown */
  more: boolean;
  onDone: () => void;
}

/** What can be done with many runs at once; it shows how far it has got. Nothing while none is chosen. */
export function BulkBar({ items, filter, all, more, onDone }: Props) {
  const [everything, setEverything] = useState(false);
  const bulk = useBulk(onDone);
  if (bulk.progress) {
    const { done, skipped, failed, total } = bulk.progress;
    return (
      <div className={classes.bar} role="status">
        <Text size="sm">
          {bulk.progress.verb === 'retry' ? 'Retrying' : 'Cancelling'}: {done.toLocaleString('en')}
          {total === null ? '' : ` of ${total.toLocaleString('en')}`} done
          {skipped > 0 ? `, ${skipped.toLocaleString('en')} needed nothing` : ''}
          {failed > 0 ? `, ${failed.toLocaleString('en')} could not` : ''}
        </Text>
        <Button size="xs" variant="default" onClick={bulk.stop}>
          Stop here
        </Button>
      </div>
    );
  }
  if (items.length === 0) return null;
  const offered = all && more;
  const whole = offered && everything;
  const target = whole ? { filter } : { ids: items.map((i) => i.id) };
  const count = whole ? 'All runs of this filter' : items.length === 1 ? 'One run' : `${items.length} runs`;
  const retryable = whole || items.some((i) => i.status === 'failed' || i.status === 'cancelled');
  const live = whole || items.some((i) => !isTerminal(i.status));
  return (
    <div className={classes.bar}>
      <Group gap="sm">
        <Text size="sm">{count} chosen</Text>
        {offered ? (
          <Checkbox size="xs" label="All runs of this filter, older ones too" checked={everything} onChange={(e) => setEverything(e.currentTarget.checked)} />
        ) : null}
      </Group>
      <Group gap="xs">
        <GuardedButton
          permission="run:retry"
          size="xs"
          leftSection={<IconRefresh size={14} />}
          disabled={!retryable}
          onClick={() =>
            ask(
              'Retry them?',
              `${count}: those that failed or were cancelled start again from where they stopped, as new runs.`,
              'Retry',
              () => void bulk.start('retry', target),
            )
          }
        >
          Retry
        </GuardedButton>
        <GuardedButton
          permission="run:cancel"
          size="xs"
          color="red"
          variant="light"
          leftSection={<IconPlayerStop size={14} />}
          disabled={!live}
          onClick={() =>
            ask('Cancel them?', `${count}: those that have not ended are stopped.`, 'Cancel the runs', () => void bulk.start('cancel', target), 'red')
          }
        >
          Cancel
        </GuardedButton>
      </Group>
    </div>
  );
}

function ask(title: string, children: string, confirm: string, onConfirm: () => void, color?: string): void {
  openConfirmModal({ title, children, labels: { confirm, cancel: 'Not now' }, ...(color ? { confirmProps: { color } } : {}), onConfirm });
}
