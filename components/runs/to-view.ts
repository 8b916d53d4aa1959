import type { ApiOutputs } from '@/components/api/trpc-client';
import type { RunView } from '@/core/runs/fold-run';

type RunDetail = ApiOutputs['runs']['get'];

const ms = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso));

/** A run as the server tells it, as the fold of its log so far: later events go on from here. */
export function toView(run: RunDetail): RunView {
  return {
    status: run.status,
    startedAt: ms(run.startedAt),
    finishedAt: ms(run.finishedAt),
    output: run.output,
    error: run.error,
    costUsd: run.cost,
    seq: run.lastEventId,
    cancelRequested: false,
    paused: run.paused && { at: Date.parse(run.paused.at), by: run.paused.by },
    compensating: false,
    bodies: run.bodies,
    steps: run.steps.map((step) => ({
      ...step,
      startedAt: ms(step.startedAt),
      finishedAt: ms(step.finishedAt),
      until: ms(step.until),
      logs: step.logs.map((log) => ({ ...log, at: Date.parse(log.at) })),
      loop: step.loop && {
        ...step.loop,
        items: step.loop.items.map(({ path: _, ...item }) => ({ ...item, startedAt: Date.parse(item.startedAt), finishedAt: ms(item.finishedAt) })),
      },
    })),
  };
}
