import type { ApiOutputs } from '@/components/api/trpc-client';
import { toView } from '@/components/runs/to-view';
import type { RunView as LogView } from '@/core/runs/fold-run';
import { isSimulated, type RunView } from '../model/run-store';

type RunDetail = ApiOutputs['runs']['get'];
const ms = (iso: string | null): number | undefined => (iso === null ? undefined : Date.parse(iso));

/** A run as the server tells it, as the canvas shows it. */
export function fromDetail(detail: RunDetail): { run: RunView; view: LogView } {
  const run: RunView = {
    id: detail.id,
    status: detail.status,
    trigger: detail.trigger,
    version: detail.version,
    startedAt: ms(detail.startedAt),
    finishedAt: ms(detail.finishedAt),
    input: detail.input,
    output: detail.output ?? undefined,
    error: detail.error ?? undefined,
    costUsd: detail.cost,
    simulated: detail.steps.some((step) => isSimulated(step.output)),
    lastSeq: detail.lastEventId,
  };
  return { run, view: toView(detail) };
}
