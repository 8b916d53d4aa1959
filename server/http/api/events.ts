import { publishEvent } from '@/server/events';
import { publishEventInput } from '@/server/events/schema';
import { megabyte } from '../body';
import { defineRoute } from '../route';
import { publishedEvent } from './schemas';

const publish = defineRoute({
  method: 'POST',
  path: '/api/v1/events',
  operationId: 'publishEvent',
  summary: 'Starts a run of every published workflow with an event trigger that matches the type.',
  permission: 'workflow:execute',
  body: { schema: publishEventInput, limit: megabyte + 4096 },
  responses: { 202: { description: 'Accepted, with the runs it started', schema: publishedEvent } },
  async handle({ ctx, body, newId }) {
    return { status: 202, body: await publishEvent(ctx, body, { id: newId }) };
  },
});

export const eventRoutes = [publish];
