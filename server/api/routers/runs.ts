import { tracked } from '@trpc/server';
import { z } from 'zod';
import {
  cancelRun,
  cancelRuns,
  followRun,
  followRuns,
  forkRun,
  getRun,
  listRuns,
  pauseRun,
  previewRerun,
  replayRun,
  rerunRun,
  resumeRun,
  retryRun,
  retryRuns,
  startRun,
} from '@/server/runs';
import { forkRunInput, listRunsInput, manyRunsInput, previewRerunInput, rerunRunInput, retryRunInput, runId, startRunInput } from '@/server/runs/schema';
import { toTrpcError } from '../errors';
import { org, page, router, run, tenantProcedure } from '../trpc';

/** tRPC's middleware does not see what a stream throws after it began. */
async function* safely<T>(stream: AsyncGenerator<T, void>, path: string): AsyncGenerator<T, void> {
  try {
    yield* stream;
  } catch (error) {
    throw toTrpcError(error, path);
  }
}

export const runsRouter = router({
  start: tenantProcedure('workflow:execute').input(startRunInput.extend({ org })).mutation(run(startRun)),
  list: tenantProcedure('run:read').input(listRunsInput.extend(page)).query(run(listRuns)),
  get: tenantProcedure('run:read').input(runId.extend({ org })).query(run(getRun)),
  cancel: tenantProcedure('run:cancel').input(runId.extend({ org })).mutation(run(cancelRun)),
  retry: tenantProcedure('run:retry').input(retryRunInput.extend({ org })).mutation(run(retryRun)),
  pause: tenantProcedure('run:pause').input(runId.extend({ org })).mutation(run(pauseRun)),
  resume: tenantProcedure('run:resume').input(runId.extend({ org })).mutation(run(resumeRun)),
  rerun: tenantProcedure('run:rerun').input(rerunRunInput.extend({ org })).mutation(run(rerunRun)),
  replay: tenantProcedure('run:replay').input(runId.extend({ org })).mutation(run(replayRun)),
  fork: tenantProcedure('run:fork').input(forkRunInput.extend({ org })).mutation(run(forkRun)),
  previewRerun: tenantProcedure('run:read').input(previewRerunInput.extend({ org })).query(run(previewRerun)),
  /** a bounded part of many runs a call; `nextCursor` goes into the next one */
  cancelMany: tenantProcedure('run:cancel').input(manyRunsInput.safeExtend({ org })).mutation(run(cancelRuns)),
  retryMany: tenantProcedure('run:retry').input(manyRunsInput.safeExtend({ org })).mutation(run(retryRuns)),
  /** the run's log, live, from after `lastEventId` (a seq) until it ends; resumes by itself after a lost connection */
  events: tenantProcedure('run:read')
    .input(runId.extend({ org, lastEventId: z.union([z.string().regex(/^\d{1,9}$/), z.number().int().min(0)]).nullish() }))
    .subscription(async function* ({ ctx, input, path, signal }) {
      const after = Number(input.lastEventId ?? 0);
      for await (const event of safely(followRun(ctx.stillAllowed, { runId: input.runId, after }, signal ?? new AbortController().signal), path)) {
        yield tracked(String(event.seq), event);
      }
    }),
  /** the first page of `list`, again whenever it changes */
  onList: tenantProcedure('run:read')
    .input(listRunsInput.omit({ cursor: true }).extend({ org }))
    .subscription(({ ctx, input: { org: _, ...filter }, path, signal }) =>
      safely(followRuns(ctx.stillAllowed, filter, signal ?? new AbortController().signal), path),
    ),
});
