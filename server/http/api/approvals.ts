import { z } from 'zod';
import { decideApproval, getApproval, listApprovals, reassignApproval } from '@/server/approvals';
import { approvalId, assigneeInput, decideApprovalInput, reassignApprovalInput } from '@/server/approvals/schema';
import { NotFound } from '@/server/lib/errors';
import { megabyte } from '../body';
import { defineRoute } from '../route';
import { approvalList, approvalSchema, decidedApproval, paging } from './schemas';

/** The id in the address; what is no id is no approval. */
function idOf(text: string | undefined): string {
  const given = approvalId.safeParse({ id: text });
  if (!given.success) throw new NotFound('This approval');
  return given.data.id;
}

const list = defineRoute({
  method: 'GET',
  path: '/api/v1/approvals',
  operationId: 'listApprovals',
  summary: 'Decisions that runs wait for, the newest first.',
  permission: 'approval:read',
  query: z.strictObject({
    scope: z.enum(['mine', 'all']).default('all').describe('mine: those that ask the role of this key'),
    status: z.enum(['open', 'decided']).default('open'),
    search: z.string().max(200).optional(),
    run: z.uuid().optional(),
    ...paging(100, 30),
  }),
  responses: { 200: { description: 'A page', schema: approvalList } },
  async handle({ ctx, query: { run, cursor, ...query } }) {
    return { status: 200, body: await listApprovals(ctx, { ...query, ...(cursor ? { cursor } : {}), ...(run ? { runId: run } : {}) }) };
  },
});

const read = defineRoute({
  method: 'GET',
  path: '/api/v1/approvals/{id}',
  operationId: 'getApproval',
  summary: 'One approval with its message, data and form.',
  permission: 'approval:read',
  responses: { 200: { description: 'The approval', schema: approvalSchema } },
  async handle({ ctx, params }) {
    return { status: 200, body: await getApproval(ctx, { id: idOf(params.id) }) };
  },
});

const decide = defineRoute({
  method: 'POST',
  path: '/api/v1/approvals/{id}/decide',
  operationId: 'decideApproval',
  summary: 'Approves or rejects; the first decision counts, and the run goes on with it. The key’s role has to be asked, or be admin or owner.',
  permission: 'approval:decide',
  body: { schema: decideApprovalInput.omit({ id: true }), limit: megabyte },
  responses: { 200: { description: 'Decided', schema: decidedApproval } },
  async handle({ ctx, params, body }) {
    return { status: 200, body: await decideApproval(ctx, { id: idOf(params.id), ...body }) };
  },
});

const reassign = defineRoute({
  method: 'POST',
  path: '/api/v1/approvals/{id}/reassign',
  operationId: 'reassignApproval',
  summary: 'Asks others instead.',
  permission: 'approval:reassign',
  body: { schema: reassignApprovalInput.omit({ id: true }), limit: 65_536 },
  responses: { 200: { description: 'Reassigned', schema: z.object({ id: z.uuid(), assignees: z.array(assigneeInput) }) } },
  async handle({ ctx, params, body }) {
    return { status: 200, body: await reassignApproval(ctx, { id: idOf(params.id), ...body }) };
  },
});

export const approvalRoutes = [list, read, decide, reassign];
