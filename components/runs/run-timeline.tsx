'use client';
import { VisuallyHidden } from '@mantine/core';
import { NodeIcon } from '@/components/editor/node-icon';
import { formatDuration } from '@/components/ui/duration';
import { StatusBadge, statusWord } from '@/components/ui/status-badge';
import type { RunView, StepView } from '@/core/runs/fold-run';
import { type Attempt, pausesOf } from './attempts';
import { LoopRows } from './loop-rows';
import type { NodeLooks } from './node-looks';
import classes from './run.module.css';

interface Props {
  steps: StepView[];
  attempts: Map<string, Attempt[]>;
  /** ms since the epoch: of the left and the right edge */
  from: number;
  to: number;
  looks: NodeLooks;
  selected: string | null;
  /** the steps inside loops, by id */
  bodies: RunView['bodies'];
  /** paths of the steps that were undone */
  undone: readonly string[];
  onSelect: (path: string | null) => void;
}

/** When each step ran, try by try, on one scale. Rows are buttons that show the step beside it; a loop opens to its iterations. */
export function RunTimeline(props: Props) {
  const { steps, from, to } = props;
  const span = Math.max(1, to - from);
  return (
    <section aria-label="Timeline" className={classes.timeline}>
      <div className={classes.scale} aria-hidden>
        <span>0</span>
        <span>{formatDuration(span / 2)}</span>
        <span>{formatDuration(span)}</span>
      </div>
      <Rows {...props} shown={steps.filter((step) => !step.path.includes('['))} />
    </section>
  );
}

/** Steps of one level. */
function Rows({ shown, ...props }: Props & { shown: StepView[] }) {
  const { steps, looks, attempts, from, to, selected, onSelect } = props;
  return (
    <ol className={classes.rows}>
      {shown.map((step) => (
        <li key={step.path}>
          <button
            type="button"
            className={classes.step}
            aria-pressed={selected === step.path}
            onClick={() => onSelect(selected === step.path ? null : step.path)}
          >
            <NodeIcon icon={looks[step.type]?.icon} color={looks[step.type]?.color} size={28} />
            <span className={classes.stepWords}>
              <b>{step.title}</b>
              <small>{props.undone.includes(step.path) ? 'Undone' : step.kept ? 'Kept from the other run' : (looks[step.type]?.title ?? step.type)}</small>
            </span>
            {step.kept ? <span className={classes.track} /> : <Track step={step} tries={attempts.get(step.path) ?? []} from={from} to={to} />}
            <StepStatus step={step} to={to} />
          </button>
          {step.loop && step.loop.started > 0 ? (
            <LoopRows
              step={step}
              loop={step.loop}
              to={to}
              rowsOf={(suffix) => <Rows {...props} shown={steps.filter((s) => isIn(s, step.id, suffix, props.bodies))} />}
            />
          ) : null}
        </li>
      ))}
    </ol>
  );
}

/** Whether a step belongs to an iteration of a loop itself, not to a loop inside it. */
function isIn(step: StepView, loop: string, suffix: string, bodies: Props['bodies']): boolean {
  return step.path === step.id + suffix && bodies[step.id]?.loops.at(-1) === loop;
}

function StepStatus({ step, to }: { step: StepView; to: number }) {
  const took = step.startedAt === null ? null : (step.finishedAt ?? to) - step.startedAt;
  const shown = step.kept
    ? 'Kept'
    : took !== null && (step.status === 'succeeded' || step.status === 'running')
      ? formatDuration(Math.max(0, took))
      : undefined;
  return (
    <span className={classes.stepStatus}>
      <StatusBadge status={step.status} size="sm" label={shown} />
      {step.attempts > 1 ? (
        <span className={classes.tries}>
          {step.attempts}
          <span aria-hidden> ×</span>
          <VisuallyHidden> tries</VisuallyHidden>
        </span>
      ) : null}
    </span>
  );
}

function Track({ step, tries, from, to }: { step: StepView; tries: Attempt[]; from: number; to: number }) {
  if (step.startedAt === null) return <span className={classes.track} />;
  const outcome = step.status === 'skipped' || step.status === 'pending' ? 'waiting' : step.status;
  const whole: Attempt[] = [{ attempt: step.attempts, startedAt: step.startedAt, finishedAt: step.finishedAt, outcome }];
  const place = (bar: { startedAt: number; finishedAt: number | null }) => {
    const percent = (at: number) => Math.min(100, Math.max(0, ((at - from) / Math.max(1, to - from)) * 100));
    const start = percent(bar.startedAt);
    return { left: `${start}%`, width: `${Math.max(0, percent(bar.finishedAt ?? to) - start)}%` };
  };
  return (
    <span className={classes.track} aria-hidden>
      {pausesOf(tries, step.status, step.finishedAt).map((pause) => (
        <span
          key={`pause-${pause.after}`}
          className={classes.bar}
          data-outcome="waiting"
          title={`Waited ${formatDuration((pause.finishedAt ?? to) - pause.startedAt)} to try again`}
          style={place(pause)}
        />
      ))}
      {(tries.length > 0 ? tries : whole).map((bar) => (
        <span
          key={bar.attempt}
          className={classes.bar}
          data-outcome={bar.outcome}
          title={`Try ${bar.attempt}: ${statusWord(bar.outcome).toLowerCase()}, ${formatDuration((bar.finishedAt ?? to) - bar.startedAt)}`}
          style={place(bar)}
        />
      ))}
    </span>
  );
}
