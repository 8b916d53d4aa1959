import { z } from 'zod';
import { cancelRuns, forkRun, pauseRun, replayRun, rerunRun, resumeRun, retryRuns } from '@/server/runs';
import { forkRunInput, manyRunsInput, rerunRunInput } from '@/server/runs/schema';
import { megabyte } from '../body';
import { countRun } from '../metrics';
import { defineRoute, type Reply } from '../route';
import { forkedRun, manyRuns, runResult } from './schemas';
import { runId } from './workflow-id';

const inputLimit = 10 * megabyte;
const nothing = { schema: z.strictObject({}), limit: 4096, optional: true };
const asked = { 202: { description: 'Asked', schema: runResult } };
const made = { 202: { description: 'Accepted', schema: forkedRun } };

function accepted<T extends { runId: string }>(body: T): Reply {
  countRun('api');
  return { status: 202, body, headers: { location: `/api/v1/runs/${body.runId}` } };
}

const pause = defineRoute({
  method: 'POST',
  path: '/api/v1/runs/{id}/pause',
  operationId: 'pauseRun',
  summary: 'Halts a run: steps under way end, no new one starts, until it is resumed.',
  permission: 'run:pause',
  body: nothing,
  responses: asked,
  async handle({ ctx, params }) {
    return { status: 202, body: await pauseRun(ctx, { runId: runId(params.id) }) };
  },
});

const resume = defineRoute({
  method: 'POST',
  path: '/api/v1/runs/{id}/resume',
  operationId: 'resumeRun',
  summary: 'Lets a paused run go on.',
  permission: 'run:resume',
  body: nothing,
  responses: asked,
  async handle({ ctx, params }) {
    return { status: 202, body: await resumeRun(ctx, { runId: runId(params.id) }) };
  },
});

const rerun = defineRoute({
  method: 'POST',
  path: '/api/v1/runs/{id}/rerun',
  operationId: 'rerunRun',
  summary: 'Runs an ended run again from a step as a new run: on this or another version, with another input or other results of earlier steps.',
  permission: 'run:rerun',
  body: { schema: rerunRunInput.omit({ runId: true }), limit: inputLimit },
  responses: made,
  async handle({ ctx, params, body, newId }) {
    return accepted(await rerunRun(ctx, { runId: runId(params.id), ...body }, { id: newId }));
  },
});

const fork = defineRoute({
  method: 'POST',
  path: '/api/v1/runs/{id}/fork',
  operationId: 'forkRun',
  summary: 'Makes a copy of a run, also of one that goes on, that goes on by itself from a step; absent: from wherever it is.',
  permission: 'run:fork',
  body: { schema: forkRunInput.omit({ runId: true }), limit: inputLimit, optional: true },
  responses: made,
  async handle({ ctx, params, body, newId }) {
    return accepted(await forkRun(ctx, { runId: runId(params.id), ...body }, { id: newId }));
  },
});

const replay = defineRoute({
  method: 'POST',
  path: '/api/v1/runs/{id}/replay',
  operationId: 'replayRun',
  summary: 'Runs it again from the start as a new run: same input, same version, nothing kept.',
  permission: 'run:replay',
  body: nothing,
  responses: { 202: { description: 'Accepted', schema: runResult } },
  async handle({ ctx, params, newId }) {
    return accepted(await replayRun(ctx, { runId: runId(params.id) }, { id: newId }));
  },
});

const retryMany = defineRoute({
  method: 'POST',
  path: '/api/v1/runs/retry',
  operationId: 'retryRuns',
  summary: 'Retries failed runs by ids or a filter, a bounded part a call; of a filter, what was retried before or called by another run is skipped.',
  permission: 'run:retry',
  body: { schema: manyRunsInput, limit: megabyte },
  responses: { 200: { description: 'What became of them', schema: manyRuns } },
  async handle({ ctx, body }) {
    return { status: 200, body: await retryRuns(ctx, body) };
  },
});

const cancelMany = defineRoute({
  method: 'POST',
  path: '/api/v1/runs/cancel',
  operationId: 'cancelRuns',
  summary: 'Asks runs to stop, by ids or a filter, a bounded part a call.',
  permission: 'run:cancel',
  body: { schema: manyRunsInput, limit: megabyte },
  responses: { 200: { description: 'What became of them', schema: manyRuns } },
  async handle({ ctx, body }) {
    return { status: 200, body: await cancelRuns(ctx, body) };
  },
});

export const runControlRoutes = [retryMany, cancelMany, pause, resume, rerun, fork, replay];
