'use client';
import { Anchor } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { progressLabel } from '../canvas/status-chip';
import { titleOf } from '../model/connection';
import { selectNodes } from '../model/editor-actions';
import type { StepRun } from '../model/run-store';
import { loopsAround } from '../model/step-tree';
import { useKeyed } from '../model/use-store';
import { waitingSentence } from '../run/waiting-words';
import { useSession, useWorkflow } from '../session-context';
import classes from './panel.module.css';

/** What a waiting step waits for, with what it says of it to people. */
export function Waiting({ run }: { run: StepRun }) {
  const { details } = run.wait ?? {};
  const said = details && typeof details === 'object' && !Array.isArray(details) ? (details.message ?? details.title) : undefined;
  const url = details && typeof details === 'object' && !Array.isArray(details) && typeof details.url === 'string' ? details.url : undefined;
  return (
    <section aria-label="Waiting" className={classes.simulated}>
      {waitingSentence(run)}
      {typeof said === 'string' && said !== '' ? <div>{said}</div> : null}
      {url ? <code style={{ overflowWrap: 'anywhere' }}>{url}</code> : null}
    </section>
  );
}

/** Of a loop: how far it got. */
export function LoopCounts({ id }: { id: string }) {
  const session = useSession();
  const loop = useKeyed(session.run.loops, id);
  return loop ? <p className={classes.about}>{progressLabel(loop)}. The arrows below its frame choose the iteration that the steps inside show.</p> : null;
}

/** Of a step that runs another workflow: the way to that run. */
export function ChildRun({ run }: { run: StepRun }) {
  const session = useSession();
  const child = run.childRunId;
  if (!child) return null;
  return (
    <p className={classes.about}>
      <Anchor href={`/${session.org}/runs/${child}`} target="_blank" rel="noreferrer">
        The run it started <IconExternalLink size={14} stroke={1.7} style={{ verticalAlign: '-2px' }} aria-hidden />
      </Anchor>
    </p>
  );
}

/** Of a step inside loops: which iteration this is about. */
export function WhichIteration({ id }: { id: string }) {
  const session = useSession();
  const workflow = useWorkflow();
  const loops = loopsAround(workflow, id);
  return loops.length === 0 ? null : (
    <p className={classes.about} style={{ margin: 0 }}>
      {loops.map((loop, i) => (
        <span key={loop}>
          {i > 0 ? ', ' : ''}
          <Anchor component="button" type="button" size="sm" onClick={() => selectNodes(session, [loop], true)}>
            {titleOf(workflow, loop)}
          </Anchor>
          <Iteration loop={loop} />
        </span>
      ))}
    </p>
  );
}

function Iteration({ loop }: { loop: string }) {
  const session = useSession();
  const run = useKeyed(session.run.loops, loop);
  return run?.at === undefined ? null : ` iteration ${run.at + 1} of ${run.total ?? run.begun}`;
}

export function NotRun({ id }: { id: string }) {
  const session = useSession();
  const workflow = useWorkflow();
  const loop = loopsAround(workflow, id).at(-1);
  const rounds = useKeyed(session.run.loops, loop ?? '');
  if (rounds?.at === undefined) return <p className={classes.empty}>Not run yet. Press Run, and its input and output appear here.</p>;
  return (
    <>
      <WhichIteration id={id} />
      <p className={classes.empty}>It has not run in this iteration.</p>
    </>
  );
}
