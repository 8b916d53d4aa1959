import { z } from 'zod';
import { createWorkflow, exportWorkflow, getWorkflow, listWorkflows, updateWorkflow, type WorkflowDetail } from '@/server/workflows';
import { megabyte } from '../body';
import { defineRoute, type Reply } from '../route';
import { paging, workflowList, workflowRef, workflowSchema } from './schemas';
import { workflowId } from './workflow-id';

const definition = z
  .union([z.string(), z.record(z.string(), z.unknown())], { error: 'wants a workflow definition: AWL as YAML text, or as a JSON object' })
  .describe('AWL as YAML text or as JSON, at most 1 MB; see /schemas/awl.json');
/** a definition of 1 MB as a JSON string may take twice that, escaped */
const definitionLimit = 2 * megabyte + 4096;

const create = defineRoute({
  method: 'POST',
  path: '/api/v1/workflows',
  operationId: 'createWorkflow',
  summary: 'Makes a workflow and publishes it as version 1.',
  permission: 'workflow:create',
  body: {
    schema: z.strictObject({ project: z.string().min(1).max(80).describe('id or slug; absent: the first project').optional(), definition }),
    limit: definitionLimit,
  },
  responses: { 201: { description: 'Made', schema: workflowRef } },
  async handle({ ctx, body }) {
    const made = await createWorkflow(ctx, body);
    return { status: 201, body: made, headers: { location: `/api/v1/workflows/${made.id}` } };
  },
});

const update = defineRoute({
  method: 'PUT',
  path: '/api/v1/workflows/{id}',
  operationId: 'updateWorkflow',
  summary: 'Publishes a definition as the next version; one equal to the current version changes nothing.',
  permission: 'workflow:update',
  body: { schema: z.strictObject({ definition }), limit: definitionLimit },
  responses: { 200: { description: 'The current version', schema: workflowRef } },
  async handle({ ctx, params, body }) {
    const { definition } = body;
    return { status: 200, body: await updateWorkflow(ctx, { id: await workflowId(ctx, params.id ?? ''), definition }) };
  },
});

const read = defineRoute({
  method: 'GET',
  path: '/api/v1/workflows/{id}',
  operationId: 'getWorkflow',
  summary: 'A workflow by id or slug; with format=awl its definition as YAML text.',
  permission: 'workflow:read',
  query: z.strictObject({
    format: z.enum(['json', 'awl'], { error: 'wants json or awl' }).default('json'),
    version: z.coerce.number({ error: 'wants the number of a version' }).int().min(1).describe('with format=awl: the definition of that version').optional(),
  }),
  responses: { 200: { description: 'The workflow', schema: workflowSchema } },
  async handle({ ctx, params, query }): Promise<Reply> {
    const id = await workflowId(ctx, params.id ?? '');
    if (query.format === 'awl') {
      const { awl } = await exportWorkflow(ctx, { id, ...(query.version ? { version: query.version } : {}) });
      return { status: 200, text: awl, headers: { 'content-type': 'application/yaml; charset=utf-8' } };
    }
    return { status: 200, body: present(await getWorkflow(ctx, { id })) };
  },
});

const list = defineRoute({
  method: 'GET',
  path: '/api/v1/workflows',
  operationId: 'listWorkflows',
  summary: 'The workflows of the organization, the latest changed first.',
  permission: 'workflow:read',
  query: z.strictObject({
    project: z.string().min(1).max(80).describe('id or slug').optional(),
    slug: z.string().min(1).max(63).optional(),
    text: z.string().min(1).max(200).describe('part of a title or slug').optional(),
    ...paging(),
  }),
  responses: { 200: { description: 'A page', schema: workflowList } },
  async handle({ ctx, query }) {
    return { status: 200, body: await listWorkflows(ctx, query) };
  },
});

function present({ draft, version, ...workflow }: WorkflowDetail) {
  return {
    ...workflow,
    version: version?.number ?? null,
    draft: { revision: draft.revision, changed: draft.changed },
    definition: version?.document ?? draft.document,
  };
}

export const workflowRoutes = [create, list, read, update];
