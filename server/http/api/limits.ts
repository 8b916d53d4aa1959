import { z } from 'zod';
import { getLimits, setOrganizationLimit, setProjectLimit } from '@/server/limits';
import { setOrganizationLimitInput, setProjectLimitInput } from '@/server/limits/schema';
import { HttpError } from '../problem';
import { defineRoute } from '../route';
import { limitsSchema } from './schemas';

const concurrency = z.int().nullable().describe('runs at the same time; null: any number');

const read = defineRoute({
  method: 'GET',
  path: '/api/v1/limits',
  operationId: 'getLimits',
  summary: 'Limits of the organization, its projects and workflows, and how much of each is used.',
  permission: 'limit:read',
  responses: { 200: { description: 'The limits', schema: limitsSchema } },
  async handle({ ctx }) {
    return { status: 200, body: await getLimits(ctx) };
  },
});

const setOrganization = defineRoute({
  method: 'PUT',
  path: '/api/v1/limits',
  operationId: 'setOrganizationLimit',
  summary: 'Limits how many runs of the organization are executed at the same time.',
  permission: 'limit:update',
  body: { schema: setOrganizationLimitInput, limit: 4096 },
  responses: { 200: { description: 'The limit holds', schema: z.object({ concurrency }) } },
  async handle({ ctx, body }) {
    return { status: 200, body: await setOrganizationLimit(ctx, body) };
  },
});

const setProject = defineRoute({
  method: 'PUT',
  path: '/api/v1/limits/projects/{id}',
  operationId: 'setProjectLimit',
  summary: 'Limits how many runs of a project are executed at the same time.',
  permission: 'limit:update',
  body: { schema: setProjectLimitInput.omit({ projectId: true }), limit: 4096 },
  responses: { 200: { description: 'The limit holds', schema: z.object({ projectId: z.uuid(), concurrency }) } },
  async handle({ ctx, params, body }) {
    const id = z.uuid().safeParse(params.id);
    if (!id.success) throw new HttpError(404, 'not_found', 'This project does not exist.');
    return { status: 200, body: await setProjectLimit(ctx, { projectId: id.data, ...body }) };
  },
});

export const limitRoutes = [read, setOrganization, setProject];
