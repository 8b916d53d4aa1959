import { z } from 'zod';
import { listAudit } from '@/server/audit';
import { defineRoute } from '../route';
import { auditList, paging } from './schemas';

const list = defineRoute({
  method: 'GET',
  path: '/api/v1/audit',
  operationId: 'listAudit',
  summary: 'Audit events, the newest first.',
  permission: 'audit:read',
  query: z.strictObject({
    action: z.string().min(1).max(80).describe('`workflow.publish`, or `workflow.` for all that begin so').optional(),
    actorId: z.string().min(1).max(80).optional(),
    targetId: z.string().min(1).max(80).optional(),
    from: z.iso.datetime({ offset: true }).optional(),
    to: z.iso.datetime({ offset: true }).optional(),
    ...paging(200),
  }),
  responses: { 200: { description: 'A page', schema: auditList } },
  async handle({ ctx, query }) {
    return { status: 200, body: await listAudit(ctx, query) };
  },
});

export const auditRoutes = [list];
