'use client';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useTRPC, useTRPCClient } from '@/components/api/trpc-client';
import { isTerminal, type RunEvent } from '@/core/engine/events';
import { idOfPath, indicesOfPath } from '@/core/engine/path';
import { toAwlDocument } from '@/core/workflow/to-awl-document';
import type { Json } from '@/core/workflow/workflow';
import { canonicalText } from '../model/canonical-text';
import { titleOf } from '../model/connection';
import { say, updateUi } from '../model/editor-actions';
import { useSession } from '../session-context';
import { fromDetail } from './from-detail';

export interface RunController {
  /** Saves what is unsaved, starts the draft and follows it. Throws what the server answers. */
  start(input: Json): Promise<void>;
  /** Shows another run on the canvas, and follows it while it goes on. */
  show(runId: string): Promise<void>;
  cancel(): Promise<void>;
}

/** Brings runs onto the canvas: starts them, follows their log, shows earlier ones. */
export function useRunController(): RunController {
  const session = useSession();
  const client = useTRPCClient();
  const queryClient = useQueryClient();
  const trpc = useTRPC();
  const stop = useRef<() => void>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { org, workflowId, run, draft } = session;

  const announce = useCallback(
    (event: RunEvent) => {
      const word = sentence(event, (id) => titleOf(draft.workflow.get(), id));
      if (word) updateUi(session, { announcement: word });
      if (event.type === 'run.succeeded' || event.type === 'run.failed' || event.type === 'run.cancelled') {
        stop.current?.();
        void queryClient.invalidateQueries({ queryKey: trpc.runs.list.pathKey() });
      }
    },
    [draft, session, queryClient, trpc],
  );
  const follow = useCallback(
    (runId: string, after: number) => {
      stop.current?.();
      const batch: RunEvent[] = [];
      const drain = () => {
        const events = batch.splice(0);
        if (run.run.get()?.id !== runId) return;
        run.apply(...events);
        for (const event of events) announce(event);
      };
      const subscription = client.runs.events.subscribe(
        { org, runId, lastEventId: after },
        {
          onData: ({ data }) => {
            batch.push(data);
            // a loop tells thousands of things a second; the canvas is drawn anew for each batch of them
            if (batch.length === 1) timer.current = setTimeout(drain, 30);
          },
          onError: (error) => say(session, `The live view of the run was lost: ${error.message}`),
        },
      );
      stop.current = () => {
        clearTimeout(timer.current);
        subscription.unsubscribe();
      };
    },
    [client, org, run, session, announce],
  );
  const controller = useMemo<RunController>(
    () => ({
      async start(input) {
        await session.autosave.flush();
        const { runId } = await client.runs.start.mutate({ org, workflowId, source: 'draft', input });
        // a draft that is as published runs as that version
        const published = session.published.get();
        const version = canonicalText(toAwlDocument(draft.workflow.get())) === published.text ? published.version : null;
        run.begin(
          { id: runId, status: 'queued', trigger: 'manual', version, input, costUsd: 0, simulated: false, lastSeq: 0, queuedAt: Date.now() },
          draft.workflow.get().steps,
        );
        updateUi(session, { announcement: 'Run started', hint: '' });
        follow(runId, 0);
        void queryClient.invalidateQueries({ queryKey: trpc.runs.list.pathKey() });
      },
      async show(runId) {
        stop.current?.();
        const detail = await client.runs.get.query({ org, runId });
        const shown = fromDetail(detail);
        run.show(shown.run, shown.view);
        if (!isTerminal(detail.status)) follow(runId, detail.lastEventId);
      },
      async cancel() {
        const shown = run.run.get();
        if (shown) await client.runs.cancel.mutate({ org, runId: shown.id });
      },
    }),
    [session, client, org, workflowId, run, draft, follow, queryClient, trpc],
  );
  useEffect(() => () => stop.current?.(), []);
  return controller;
}

/** `Iteration 4 of Each customer failed: …` */
function iteration(path: string, title: (id: string) => string, what: string): string {
  return `Iteration ${(indicesOfPath(path).at(-1) ?? 0) + 1} of ${title(idOfPath(path))} ${what}`;
}

/** What is worth reading out of a run's events; of what happens inside loops only which iterations fail. */
function sentence(event: RunEvent, title: (id: string) => string): string | undefined {
  switch (event.type) {
    case 'item.failed':
      return iteration(event.path, title, `failed: ${event.error.message}`);
    case 'step.failed':
      if (event.path.includes('[')) return undefined;
      return `${title(event.path)} failed: ${event.error.message}`;
    case 'run.succeeded':
      return 'Run succeeded';
    case 'run.failed':
      return `Run failed: ${event.error.message}`;
    case 'run.cancelled':
      return 'Run cancelled';
    case 'step.waiting':
      return event.path.includes('[') || !event.wait || event.wait.kind === 'delay' ? undefined : `${title(event.path)} is waiting`;
    case 'step.succeeded':
      return event.path.includes('[') ? undefined : `${title(event.path)} succeeded`;
    default:
      return undefined;
  }
}
