'use client';
import { Button, Tooltip } from '@mantine/core';
import { IconPlayerPlayFilled, IconPlayerStopFilled } from '@tabler/icons-react';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { isTerminal } from '@/core/engine/events';
import type { Json } from '@/core/workflow/workflow';
import { say, updateUi } from '../model/editor-actions';
import { messageOf } from '../model/error-message';
import { useStore } from '../model/use-store';
import { useSession, useUi, useWorkflow } from '../session-context';
import { useRuns } from './run-controller-context';

const RunInputDialog = lazy(() => import('./run-input-dialog'));

/** Runs the draft: at once, or after asking for the input that the workflow declares. Ctrl+Enter from anywhere. */
export function RunButton() {
  const session = useSession();
  const runs = useRuns();
  const [starting, setStarting] = useState(false);
  const asking = useUi((ui) => ui.dialog === 'run');
  const asks = useWorkflow((workflow) => wantsInput(workflow.input));
  const steps = useWorkflow((workflow) => workflow.steps.length);
  const errors = useStore(session.problems, (now) => now.all.filter((problem) => problem.severity === 'error').length);
  const conflict = useStore(session.autosave.state, (state) => state.kind === 'conflict');
  const reason = !session.access.execute
    ? `Your role here is ${session.access.role}: it may look, not run.`
    : conflict
      ? 'Settle the conflict first: what you see is not what is saved.'
      : steps === 0
        ? 'Add a step first.'
        : errors > 0
          ? `Mend ${errors === 1 ? 'the problem' : `the ${errors} problems`} first.`
          : undefined;

  const start = useCallback(
    async (input: Json) => {
      setStarting(true);
      try {
        await runs.start(input);
        updateUi(session, { dialog: undefined });
        return undefined;
      } catch (error) {
        const message = messageOf(error);
        say(session, `Not started: ${message}`);
        return message;
      } finally {
        setStarting(false);
      }
    },
    [runs, session],
  );
  const going = useStore(session.run.run, (run) => run !== undefined && !isTerminal(run.status));
  const press = useCallback(() => {
    if (going) return say(session, 'This run is still going: stop it first, or wait for its end.');
    if (reason) return say(session, reason);
    if (starting) return;
    if (asks) updateUi(session, { dialog: 'run' });
    else void start({});
  }, [asks, going, reason, session, start, starting]);
  useEffect(() => {
    window.addEventListener('heddle:run', press);
    return () => window.removeEventListener('heddle:run', press);
  }, [press]);
  if (going && session.access.cancel) return <StopButton />;
  return (
    <>
      <Tooltip label={reason ?? 'Run the draft (Ctrl+Enter)'} multiline maw={280}>
        <Button
          leftSection={<IconPlayerPlayFilled size={14} aria-hidden />}
          loading={starting}
          onClick={press}
          aria-disabled={reason ? true : undefined}
          data-disabled={reason ? true : undefined}
          aria-keyshortcuts="Control+Enter"
        >
          Run
        </Button>
      </Tooltip>
      {asking ? (
        <Suspense fallback={null}>
          <RunInputDialog onStart={start} />
        </Suspense>
      ) : null}
    </>
  );
}

/** In the place of Run while the run on the canvas goes on. */
function StopButton() {
  const session = useSession();
  const runs = useRuns();
  const [stopping, setStopping] = useState(false);
  const stop = async () => {
    setStopping(true);
    try {
      await runs.cancel();
    } catch (error) {
      say(session, messageOf(error));
      setStopping(false);
    }
  };
  return (
    <Tooltip label="Stop this run">
      <Button color="red" variant="light" leftSection={<IconPlayerStopFilled size={14} aria-hidden />} loading={stopping} onClick={() => void stop()}>
        Stop
      </Button>
    </Tooltip>
  );
}

/** A schema that asks for anything at all. */
function wantsInput(schema: { [key: string]: Json } | undefined): boolean {
  if (!schema) return false;
  const { properties } = schema;
  return !(properties && typeof properties === 'object' && Object.keys(properties).length === 0);
}
