import type { ApiOutputs } from '@/components/api/trpc-client';
import { isSimulated, type RunView, type StepRun } from '../model/run-store';

type RunDetail = ApiOutputs['runs']['get'];
const ms = (iso: string | null): number | undefined => (iso === null ? undefined : Date.parse(iso));

/** A run as the server tells it, as the canvas shows it. */
export function fromDetail(detail: RunDetail): { run: RunView; steps: Map<string, StepRun> } {
  const steps = new Map(
    detail.steps.map((step): [string, StepRun] => [
      step.id,
      {
        status: step.status,
        attempts: step.attempts,
        startedAt: ms(step.startedAt),
        finishedAt: ms(step.finishedAt),
        input: step.input ?? undefined,
        output: step.status === 'succeeded' ? step.output : (step.output ?? undefined),
        port: step.port ?? undefined,
        error: step.error ?? undefined,
        until: ms(step.until),
        costUsd: step.costUsd,
        tokens: step.tokens ?? undefined,
        logs: step.logs.map((log) => ({ ...log, at: Date.parse(log.at) })),
      },
    ]),
  );
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
    simulated: [...steps.values()].some((step) => isSimulated(step.output)),
    lastSeq: detail.lastEventId,
  };
  return { run, steps };
}
