'use client';
import { IconAlertTriangle, IconBan, IconCheck, IconChevronLeft, IconChevronRight, IconLoader2 } from '@tabler/icons-react';
import { useState } from 'react';
import type { LoopRun } from '../model/loop-runs';
import { useKeyed } from '../model/use-store';
import { useSession } from '../session-context';
import loop from './loop.module.css';
import classes from './node.module.css';

const marks: Record<NonNullable<LoopRun['state']>, { icon: typeof IconCheck; word: string }> = {
  running: { icon: IconLoader2, word: 'running' },
  succeeded: { icon: IconCheck, word: 'succeeded' },
  failed: { icon: IconAlertTriangle, word: 'failed' },
  cancelled: { icon: IconBan, word: 'cancelled' },
};

/** Which iteration of a loop the steps inside show, and the way to the others; nothing before one has begun. People count from 1. */
export function IterationPager({ id }: { id: string }) {
  const session = useSession();
  const run = useKeyed(session.run.loops, id);
  const [text, setText] = useState<string>();
  if (run?.at === undefined) return null;
  const { at, begun, total, previous, next, nextFailed, state } = run;
  const look = (index: number | undefined) => index !== undefined && session.run.look(id, index);
  const go = () => {
    const wanted = Number(text);
    if (text !== undefined && Number.isInteger(wanted) && wanted > 0) look(wanted - 1);
    setText(undefined);
  };
  const mark = state && marks[state];
  return (
    // biome-ignore lint/a11y/useSemanticElements: no form fields that belong together, a pager
    <div
      className={`${loop.pager} nodrag nopan`}
      role="group"
      aria-label="Iteration shown"
      onClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        // what is pressed here is not meant for the frame
        if (event.key !== 'Escape' && !event.ctrlKey && !event.metaKey) event.stopPropagation();
      }}
    >
      <button type="button" className={loop.button} aria-label="Iteration before" disabled={previous === undefined} onClick={() => look(previous)}>
        <IconChevronLeft size={16} stroke={2} aria-hidden />
      </button>
      <span className={loop.place}>
        {mark ? (
          <span className={loop.mark} data-state={state} title={mark.word}>
            <mark.icon size={14} stroke={2.2} aria-hidden />
            <span className={classes.hidden}>{mark.word}</span>
          </span>
        ) : null}
        <input
          aria-label="Iteration"
          inputMode="numeric"
          style={{ width: `${String(total ?? begun).length + 2}ch` }}
          value={text ?? String(at + 1)}
          onChange={(event) => setText(event.currentTarget.value)}
          onBlur={go}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === 'Enter') go();
          }}
        />
        <span>of {total ?? begun}</span>
      </span>
      <button type="button" className={loop.button} aria-label="Iteration after" disabled={next === undefined} onClick={() => look(next)}>
        <IconChevronRight size={16} stroke={2} aria-hidden />
      </button>
      {nextFailed === undefined ? null : (
        <button type="button" className={`${loop.button} ${loop.wide}`} onClick={() => look(nextFailed)}>
          Next failed
        </button>
      )}
    </div>
  );
}
