'use client';
import { Button, CopyButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { formatAwl, parseAwl } from '@/core/workflow/awl';
import type { Problem } from '@/core/workflow/workflow';
import { LazyCode } from '../fields/lazy-code';
import { updateUi } from '../model/editor-actions';
import { useSession, useWorkflow } from '../session-context';
import classes from './panel.module.css';
import { PanelHead } from './panel-head';
import { ProblemNote } from './problem-note';

/** The workflow as AWL text: to read, to copy, and to change; nothing changes on the canvas before Apply. */
export default function AwlPanel() {
  const session = useSession();
  const workflow = useWorkflow();
  const [text, setText] = useState(() => formatAwl(workflow));
  const [edited, setEdited] = useState(false);
  const [problems, setProblems] = useState<Problem[]>([]);
  useEffect(() => {
    if (!edited) setText(formatAwl(workflow));
  }, [workflow, edited]);
  const apply = () => {
    const parsed = parseAwl(text);
    if (!parsed.ok) {
      setProblems(parsed.problems);
      return;
    }
    session.draft.replace(Object.keys(parsed.workflow.layout).length > 0 ? parsed.workflow : { ...parsed.workflow, layout: workflow.layout });
    setProblems([]);
    setEdited(false);
    updateUi(session, { announcement: 'AWL applied' });
  };
  return (
    <>
      <PanelHead title="AWL" subtitle="The workflow as text. Changes reach the canvas with Apply." />
      <div className={classes.scroll}>
        {problems.map((problem) => (
          <ProblemNote
            key={problem.path + problem.message}
            problem={{ ...problem, message: problem.path ? `${problem.path}: ${problem.message}` : problem.message }}
          />
        ))}
        <LazyCode
          id="awl"
          label="AWL text"
          mode="text"
          multiline
          full
          value={text}
          disabled={!session.access.edit}
          invalid={problems.length > 0}
          onChange={(next) => {
            setText(next);
            setEdited(true);
            setProblems([]);
          }}
        />
      </div>
      <div className={classes.foot}>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
        {session.access.edit ? (
          <>
            <Button
              variant="default"
              disabled={!edited}
              onClick={() => {
                setEdited(false);
                setProblems([]);
              }}
            >
              Discard
            </Button>
            <Button disabled={!edited} onClick={apply}>
              Apply
            </Button>
          </>
        ) : null}
      </div>
    </>
  );
}
