'use client';
import { Button, SegmentedControl, Text } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { formatDuration } from '@/components/ui/duration';
import { StatusBadge } from '@/components/ui/status-badge';
import type { StepView } from '@/core/runs/fold-run';
import type { ItemView, LoopView } from '@/core/runs/loop-view';
import classes from './run.module.css';

const pageSize = 10;

interface Props {
  step: StepView;
  loop: LoopView;
  to: number;
  /** the rows of the steps of an iteration, by its path's ending */
  rowsOf: (suffix: string) => ReactNode;
}

/** The iterations of a loop, the newest first, a page at a time; each opens to its steps. */
export function LoopRows({ step, loop, to, rowsOf }: Props) {
  const [only, setOnly] = useState<'all' | 'failed'>('all');
  const [shown, setShown] = useState(pageSize);
  const items = (only === 'failed' ? loop.items.filter((i) => i.status === 'failed') : loop.items).toReversed();
  const unlisted = loop.started - loop.items.length;
  const suffix = step.path.slice(step.id.length);
  return (
    <section className={classes.iterations} aria-label={`Iterations of ${step.title}`}>
      <div className={classes.iterationsHead}>
        <span>{summary(loop)}</span>
        {loop.failed > 0 ? (
          <SegmentedControl
            size="xs"
            aria-label="Which iterations"
            data={[
              { value: 'all', label: 'Newest' },
              { value: 'failed', label: 'Failed' },
            ]}
            value={only}
            onChange={(value) => setOnly(value === 'failed' ? 'failed' : 'all')}
          />
        ) : null}
      </div>
      {items.slice(0, shown).map((item) => (
        <Iteration key={item.index} item={item} to={to}>
          {() => rowsOf(`${suffix}[${item.index}]`)}
        </Iteration>
      ))}
      {items.length > shown ? (
        <Button size="compact-sm" variant="subtle" onClick={() => setShown(shown + pageSize)}>
          Show {Math.min(pageSize, items.length - shown)} more
        </Button>
      ) : unlisted > 0 ? (
        <Text size="xs" c="dimmed" px={8} py={4}>
          {unlisted.toLocaleString('en')} earlier ones are not listed here; the run’s events have them.
        </Text>
      ) : null}
    </section>
  );
}

function summary({ total, started, succeeded, failed }: LoopView): string {
  const count = (n: number) => n.toLocaleString('en');
  const running = started - succeeded - failed;
  const of = total === null ? `${count(started)} ${started === 1 ? 'round' : 'rounds'}` : `${count(succeeded + failed)} of ${count(total)} done`;
  return [of, ...(failed > 0 ? [`${count(failed)} failed`] : []), ...(running > 0 ? [`${count(running)} under way`] : [])].join(' · ');
}

function Iteration({ item, to, children }: { item: ItemView; to: number; children: () => ReactNode }) {
  const [open, setOpen] = useState(false);
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <>
      <button type="button" className={classes.iteration} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Chevron size={14} aria-hidden />
        <span>
          Iteration {item.index.toLocaleString('en')}
          {item.error ? <Text span size="xs" c="var(--hd-failed)">{`  ${item.error.message}`}</Text> : null}
        </span>
        <Text span size="xs" c="dimmed">
          {formatDuration(Math.max(0, (item.finishedAt ?? to) - item.startedAt))}
        </Text>
        <StatusBadge status={item.status} size="sm" />
      </button>
      {open ? children() : null}
    </>
  );
}
