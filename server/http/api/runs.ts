import { z } from 'zod';
import { type RunStatus, runStatuses } from '@/core/engine/events';
import { waitForRun } from '@/server/queue/wait-for-run';
import { cancelRun, getRun, listRuns, retryRun, type StartedRun, startRun } from '@/server/runs';
import { megabyte } from '../body';
import { countRun } from '../metrics';
import { defineRoute, type Reply } from '../route';
import { waiting } from '../waiting';
import { paging, runList, runResult, runSchema } from './schemas';
import { runId, workflowId } from './workflow-id';

const inputLimit = 10 * megabyte;

const start = defineRoute({
  method: 'POST',
  path: '/api/v1/workflows/{id}/runs',
  operationId: 'startRun',
  summary: 'Starts a run; with wait, answers when it ends in that many seconds.',
  permission: 'workflow:execute',
  query: z.strictObject({ wait: z.coerce.number({ error: 'wants seconds, at most 60' }).min(0).max(60, 'at most 60 seconds').default(0) }),
  body: {
    schema: z.strictObject({
      input: z.unknown().describe('any JSON, checked by the workflow’s input schema; absent: {}').optional(),
      version: z.number().int().min(1).describe('absent: the current version').optional(),
      priority: z.number().int().min(-100).max(100).describe('higher first').optional(),
    }),
    limit: inputLimit,
    optional: true,
  },
  responses: { 200: { description: 'The run has ended', schema: runResult }, 202: { description: 'Accepted', schema: runResult } },
  async handle({ ctx, params, query, body, newId, release, signal }) {
    const workflow = await workflowId(ctx, params.id ?? '');
    const start = () => startRun(ctx, { workflowId: workflow, source: 'current', trigger: 'api', ...body }, { id: newId });
    if (query.wait === 0) return accepted(await start());
    return waiting(release, async (): Promise<Reply> => {
      const { runId, ...known } = await start();
      if (!(await waitForRun(ctx.organizationId, runId, query.wait * 1000, signal))) return accepted({ runId, ...known });
      const { status, output, error } = await getRun(ctx, { runId });
      return { status: 200, body: { runId, ...known, status, output, error } };
    });
  },
});

function accepted(started: StartedRun): Reply {
  if (!started.deduplicated) countRun('api');
  return { status: 202, body: started, headers: { location: `/api/v1/runs/${started.runId}` } };
}

const read = defineRoute({
  method: 'GET',
  path: '/api/v1/runs/{id}',
  operationId: 'getRun',
  summary: 'A run with its steps.',
  permission: 'run:read',
  responses: { 200: { description: 'The run', schema: runSchema } },
  async handle({ ctx, params }) {
    return { status: 200, body: await getRun(ctx, { runId: runId(params.id) }) };
  },
});

const list = defineRoute({
  method: 'GET',
  path: '/api/v1/runs',
  operationId: 'listRuns',
  summary: 'The runs of the organization, the newest first.',
  permission: 'run:read',
  query: z.strictObject({
    workflow: z.string().min(1).max(63).describe('id or slug').optional(),
    project: z.uuid().optional(),
    status: z
      .string()
      .describe(`one or several of ${runStatuses.join(', ')}, separated by commas`)
      .transform((text) => text.split(','))
      .pipe(z.array(z.enum(runStatuses, { error: `wants some of ${runStatuses.join(', ')}` })))
      .optional(),
    errorCode: z.string().min(1).max(100).describe('code of the error that ended it').optional(),
    errorText: z.string().min(1).max(200).describe('part of the message of that error').optional(),
    from: z.iso.datetime({ offset: true }).describe('queued at or after').optional(),
    to: z.iso.datetime({ offset: true }).describe('queued before').optional(),
    paused: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .optional(),
    ...paging(),
  }),
  responses: { 200: { description: 'A page; it may hold fewer than limit and still have a next one', schema: runList } },
  async handle({ ctx, query: { workflow, project, status, ...page } }) {
    const found = await listRuns(ctx, {
      ...page,
      ...(workflow ? { workflowId: await workflowId(ctx, workflow) } : {}),
      ...(project ? { projectId: project } : {}),
      ...(status ? { status: status as RunStatus[] } : {}),
    });
    return { status: 200, body: found };
  },
});

const cancel = defineRoute({
  method: 'POST',
  path: '/api/v1/runs/{id}/cancel',
  operationId: 'cancelRun',
  summary: 'Asks a run to stop; one that has ended stays as it is. Answers the status it had.',
  permission: 'run:cancel',
  body: { schema: z.strictObject({}), limit: 4096, optional: true },
  responses: { 202: { description: 'Asked', schema: runResult } },
  async handle({ ctx, params }) {
    return { status: 202, body: await cancelRun(ctx, { runId: runId(params.id) }) };
  },
});

const retry = defineRoute({
  method: 'POST',
  path: '/api/v1/runs/{id}/retry',
  operationId: 'retryRun',
  summary: 'Runs it again as a new run, keeping what was checkpointed before the step `from`.',
  permission: 'run:retry',
  body: {
    schema: z.strictObject({
      from: z.string().min(1).max(64).describe('a step; absent: the failed ones').optional(),
      input: z.unknown().describe('absent: the same').optional(),
    }),
    limit: inputLimit,
    optional: true,
  },
  responses: { 202: { description: 'Accepted', schema: runResult } },
  async handle({ ctx, params, body, newId }) {
    return accepted(await retryRun(ctx, { runId: runId(params.id), ...body }, { id: newId }));
  },
});

export const runRoutes = [start, read, list, cancel, retry];
