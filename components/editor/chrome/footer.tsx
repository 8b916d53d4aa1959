'use client';
import { Kbd, Popover, UnstyledButton } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { formatDuration } from '@/components/ui/duration';
import { RelativeTime } from '@/components/ui/relative-time';
import { StatusBadge } from '@/components/ui/status-badge';
import { isTerminal } from '@/core/engine/events';
import type { Problem } from '@/core/workflow/workflow';
import { openNode, updateUi } from '../model/editor-actions';
import type { RunView } from '../model/run-store';
import { loopsAround } from '../model/step-tree';
import { useStore } from '../model/use-store';
import { useSession, useWorkflow } from '../session-context';
import classes from './chrome.module.css';

/** One quiet line: the run on the canvas, the problems, how to find a step. */
export function Footer() {
  const session = useSession();
  const run = useStore(session.run.run);
  return (
    <footer className={classes.footer}>
      {run ? <RunLine run={run} /> : <span className={classes.dim}>Not run yet</span>}
      <span className={classes.grow} />
      <ProblemList />
      <UnstyledButton className={`${classes.footButton} ${classes.wide}`} onClick={() => updateUi(session, { dialog: 'search' })}>
        Step search <Kbd size="xs">Ctrl K</Kbd>
      </UnstyledButton>
      <UnstyledButton className={`${classes.footButton} ${classes.wide}`} onClick={() => updateUi(session, { dialog: 'shortcuts' })}>
        Shortcuts <Kbd size="xs">?</Kbd>
      </UnstyledButton>
    </footer>
  );
}

function RunLine({ run }: { run: RunView }) {
  const session = useSession();
  return (
    <span className={classes.runLine}>
      <StatusBadge status={run.status} size="sm" />
      <Link href={`/${session.org}/runs/${run.id}`} className={classes.footLink}>
        {run.version ? `Run of version ${run.version}` : 'Run of the draft'}
      </Link>
      <Elapsed run={run} />
      {run.costUsd > 0 ? <span className={classes.wide}>${run.costUsd.toFixed(4)}</span> : null}
      {run.finishedAt !== undefined ? (
        <span className={classes.wide}>
          <RelativeTime at={run.finishedAt} />
        </span>
      ) : null}
      {run.simulated ? (
        <span className={classes.simulated} title="A model step used the sandbox provider: its answer is made up.">
          Simulated
        </span>
      ) : null}
    </span>
  );
}

/** The time a run took, or has taken so far. */
function Elapsed({ run }: { run: RunView }) {
  const from = run.startedAt ?? run.queuedAt;
  const live = !isTerminal(run.status);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!live) return;
    const timer = setInterval(() => setNow(Date.now()), 200);
    return () => clearInterval(timer);
  }, [live]);
  if (from === undefined) return null;
  const took = Math.max(0, (run.finishedAt ?? now) - from);
  return <span style={{ fontVariantNumeric: 'tabular-nums' }}>{formatDuration(took)}</span>;
}

function ProblemList() {
  const session = useSession();
  const { all, checked } = useStore(session.problems);
  const blank = useWorkflow((workflow) => workflow.steps.length === 0);
  if (!checked) return null;
  // a new workflow is no mistake
  if (blank) return <span className={`${classes.footItem} ${classes.wide}`}>Add a first step</span>;
  if (all.length === 0) {
    return (
      <span className={`${classes.footItem} ${classes.wide}`}>
        <IconCircleCheck size={15} stroke={1.7} aria-hidden /> No problems
      </span>
    );
  }
  const errors = all.filter((problem) => problem.severity === 'error').length;
  const open = (problem: Problem) => {
    const trigger = /triggers\[(\d+)\]/.exec(problem.path)?.[1];
    if (problem.step) openNode(session, problem.step, /(^|\.)with\b|steps(\[\d+\])?$/.test(problem.path) ? 'setup' : 'settings');
    else if (trigger) openNode(session, `trigger:${trigger}`);
    else updateUi(session, { panel: 'workflow', selected: [] });
  };
  const whereOf = (id: string) => [...loopsAround(session.draft.workflow.get(), id), id].join(' › ');
  return (
    <Popover width={380} position="top-end" shadow="md">
      <Popover.Target>
        <UnstyledButton className={classes.footButton} data-tone={errors > 0 ? 'failed' : 'waiting'}>
          {errors > 0 ? <IconAlertCircle size={15} stroke={1.8} aria-hidden /> : <IconAlertTriangle size={15} stroke={1.8} aria-hidden />}
          {all.length === 1 ? '1 problem' : `${all.length} problems`}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={classes.problems}>
        {all.slice(0, 100).map((problem) => (
          <UnstyledButton
            key={problem.path + problem.message}
            className={classes.problem}
            data-tone={problem.severity === 'error' ? 'failed' : 'waiting'}
            onClick={() => open(problem)}
          >
            {problem.severity === 'error' ? <IconAlertCircle size={15} aria-label="error" /> : <IconAlertTriangle size={15} aria-label="warning" />}
            <span>
              {problem.message}
              <small>{problem.step ? whereOf(problem.step) : problem.path}</small>
            </span>
          </UnstyledButton>
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}
