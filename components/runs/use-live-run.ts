'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSubscription } from '@trpc/tanstack-react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { isTerminal, type RunEvent } from '@/core/engine/events';
import { foldRun, type RunView } from '@/core/runs/fold-run';
import { type Attempt, attemptsOf } from './attempts';
import { toView } from './to-view';

export type RunDetail = ApiOutputs['runs']['get'];

const mostReadAgain = 2_000;

interface Folded {
  view: RunView;
  attempts: Map<string, Attempt[]>;
}

/** Events are folded in and forgotten: a loop of ten thousand rounds must not fill the page's memory. */
function folded(old: Folded, fresh: RunEvent[]): Folded {
  const view = foldRun(old.view, fresh);
  const attempts = attemptsOf(fresh, old.attempts);
  if (attempts.size > 2 * view.steps.length + 100) {
    const shown = new Set(view.steps.map((s) => s.path));
    for (const path of [...attempts.keys()]) if (!shown.has(path)) attempts.delete(path);
  }
  return { view, attempts };
}

/**
 * A run as it happens: what the server sent first, with the log's later events folded in. The log is read from its beginning (unless it is
 * long), since the timeline shows every try; of an ended run without retries nothing is asked at all.
 */
export function useLiveRun(
  org: string,
  initial: RunDetail,
): { run: RunDetail; view: RunView; attempts: Map<string, Attempt[]>; live: 'live' | 'lost' | 'ended' } {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { data: run = initial } = useQuery({
    ...trpc.runs.get.queryOptions({ org, runId: initial.id }),
    initialData: initial,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [{ view, attempts }, setFolded] = useState<Folded>(() => ({ view: toView(initial), attempts: new Map() }));
  const waiting = useRef<RunEvent[]>([]);
  const flush = useCallback(() => {
    if (waiting.current.length === 0) return;
    const fresh = waiting.current;
    waiting.current = [];
    setFolded((old) => folded(old, fresh));
  }, []);
  const enabled = !isTerminal(initial.status) || initial.steps.some((step) => step.attempts > 1);
  const subscription = useSubscription({
    ...trpc.runs.events.subscriptionOptions(
      // of a long log only what is new: every try of the past is not worth reading it again
      { org, runId: initial.id, ...(initial.lastEventId > mostReadAgain ? { lastEventId: initial.lastEventId } : {}) },
      {
        onData: ({ data }) => {
          // A burst of events is drawn once a frame.
          if (waiting.current.length === 0) window.requestAnimationFrame(flush);
          waiting.current.push(data);
        },
      },
    ),
    enabled,
  });
  useEffect(() => setFolded((old) => (run.lastEventId > old.view.seq || isTerminal(run.status) ? { ...old, view: toView(run) } : old)), [run]);
  const ended = isTerminal(view.status);
  const wasEnded = useRef(ended);
  useEffect(() => {
    // The row of the run knows a little more than its log (cost, final times): ask once when it ends.
    if (ended && !wasEnded.current) {
      void queryClient.invalidateQueries({ queryKey: trpc.runs.get.queryKey({ org, runId: initial.id }) });
      void queryClient.invalidateQueries({ queryKey: trpc.runs.list.pathKey() });
    }
    wasEnded.current = ended;
  }, [ended, initial.id, org, queryClient, trpc]);
  return { run, view, attempts, live: ended ? 'ended' : subscription.status === 'error' ? 'lost' : 'live' };
}
