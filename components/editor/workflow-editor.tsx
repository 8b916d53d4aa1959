'use client';
import { useEffect, useRef, useState } from 'react';
import { useTRPCClient } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import type { Workflow } from '@/core/workflow/workflow';
import { Canvas } from './canvas/canvas';
import { Dialogs } from './chrome/dialogs';
import { Footer } from './chrome/footer';
import { Rail } from './chrome/rail';
import { EditorTopBar } from './chrome/top-bar';
import { createSession, startSession, type WorkflowDetail } from './create-session';
import classes from './editor.module.css';
import { Palette } from './palette/palette';
import { Panel } from './panel/panel';
import { RunControllerProvider, useRuns } from './run/run-controller-context';
import { SessionContext, useSession, useUi } from './session-context';

export interface WorkflowEditorProps {
  detail: Omit<WorkflowDetail, 'draft'> & { draft: { revision: number } };
  workflow: Workflow;
  /** shown on the canvas when the editor opens: the run asked for, else the latest */
  runId: string | undefined;
}

/** The editor: everything of one workflow on one screen. */
export function WorkflowEditor({ detail, workflow, runId }: WorkflowEditorProps) {
  const organization = useOrganization();
  const client = useTRPCClient();
  const [session] = useState(() =>
    createSession(
      organization.slug,
      detail,
      workflow,
      {
        edit: organization.can('workflow:update'),
        execute: organization.can('workflow:execute'),
        publish: organization.can('workflow:publish'),
        cancel: organization.can('run:cancel'),
        role: organization.role,
      },
      client,
    ),
  );
  useEffect(() => startSession(session, client), [session, client]);
  return (
    <SessionContext value={session}>
      <RunControllerProvider>
        <EditorTopBar />
        <div className={classes.editor}>
          <div className={classes.work}>
            <Rail />
            <div className={classes.stage}>
              <Canvas />
              <PaletteSlot />
            </div>
            <Panel />
          </div>
          <Footer />
        </div>
        <Dialogs />
        <LiveRegion />
        <FirstRun runId={runId} />
      </RunControllerProvider>
    </SessionContext>
  );
}

function PaletteSlot() {
  const target = useUi((ui) => ui.palette);
  return target ? <Palette target={target} /> : null;
}

/** Reads the progress of a run, and what just happened on the canvas, to those who do not see it. */
function LiveRegion() {
  const announcement = useUi((ui) => ui.announcement);
  return (
    <div aria-live="polite" className={classes.live}>
      {announcement}
    </div>
  );
}

/** Puts the last run onto the canvas when the editor opens. */
function FirstRun({ runId }: { runId: string | undefined }) {
  const session = useSession();
  const runs = useRuns();
  const done = useRef(false);
  useEffect(() => {
    if (done.current || !runId || session.run.run.get()) return;
    done.current = true;
    runs.show(runId).catch(() => {
      // the canvas is as good without it; the runs panel says what is wrong
    });
  }, [runId, runs, session]);
  return null;
}
