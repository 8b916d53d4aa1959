import { z } from 'zod';
import { configureEvents, getEvent, getEventSettings, listEvents, publishEvent, replayEvents } from '@/server/events';
import { configureEventsInput, listEventsInput, publishEventInput, replayEventsInput } from '@/server/events/schema';
import { megabyte } from '../body';
import { defineRoute } from '../route';
import { eventList, eventSchema, paging, publishedEvent, replayedEvents } from './schemas';
import { eventId, workflowId } from './workflow-id';

const publish = defineRoute({
  method: 'POST',
  path: '/api/v1/events',
  operationId: 'publishEvent',
  summary: 'Stores an event, starts a run of every published workflow with an event trigger that matches, and answers steps that wait for it.',
  permission: 'event:publish',
  body: { schema: publishEventInput, limit: megabyte + 4096 },
  responses: { 202: { description: 'Accepted, with the runs it started', schema: publishedEvent } },
  async handle({ ctx, body, newId }) {
    return { status: 202, body: await publishEvent(ctx, body, { id: newId }) };
  },
});

const list = defineRoute({
  method: 'GET',
  path: '/api/v1/events',
  operationId: 'listEvents',
  summary: 'Events, the newest first. A page of a search by text may hold few or none and still have a cursor.',
  permission: 'event:read',
  query: listEventsInput.extend(paging(200)),
  responses: { 200: { description: 'A page', schema: eventList } },
  async handle({ ctx, query }) {
    return { status: 200, body: await listEvents(ctx, query) };
  },
});

const get = defineRoute({
  method: 'GET',
  path: '/api/v1/events/{id}',
  operationId: 'getEvent',
  summary: 'An event with all its data and what it started.',
  permission: 'event:read',
  responses: { 200: { description: 'The event', schema: eventSchema } },
  async handle({ ctx, params }) {
    return { status: 200, body: await getEvent(ctx, { id: eventId(params.id) }) };
  },
});

const replay = defineRoute({
  method: 'POST',
  path: '/api/v1/events/replay',
  operationId: 'replayEvents',
  summary: 'Dispatches stored events again, the oldest first, to one workflow or to all whose trigger matches. Runs see the original in `replayOf`.',
  permission: 'event:replay',
  body: {
    schema: replayEventsInput
      .omit({ workflowId: true })
      .extend({ workflow: z.string().min(1).max(63).describe('id or slug: only this workflow is started').optional() }),
    limit: 10_000,
  },
  responses: { 202: { description: 'Accepted, with how many', schema: replayedEvents } },
  async handle({ ctx, newId, body: { workflow, ...range } }) {
    const only = workflow === undefined ? {} : { workflowId: await workflowId(ctx, workflow) };
    return { status: 202, body: await replayEvents(ctx, { ...range, ...only }, { id: newId }) };
  },
});

const settings = z
  .object({ keepRunEvents: z.boolean().describe('run.failed and the like are stored even when nothing waits for them') })
  .meta({ id: 'EventSettings' });

const readSettings = defineRoute({
  method: 'GET',
  path: '/api/v1/events/settings',
  operationId: 'getEventSettings',
  summary: 'How the event bus is set.',
  permission: 'event:read',
  responses: { 200: { description: 'The settings', schema: settings } },
  async handle({ ctx }) {
    return { status: 200, body: await getEventSettings(ctx) };
  },
});

const configure = defineRoute({
  method: 'PUT',
  path: '/api/v1/events/settings',
  operationId: 'configureEvents',
  summary: 'Sets whether Heddle’s own events are kept when nothing waits for them.',
  permission: 'event:configure',
  body: { schema: configureEventsInput, limit: 1_000 },
  responses: { 200: { description: 'The settings', schema: settings } },
  async handle({ ctx, body }) {
    return { status: 200, body: await configureEvents(ctx, body) };
  },
});

export const eventRoutes = [publish, list, get, replay, readSettings, configure];
