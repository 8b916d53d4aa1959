import { z } from 'zod';
import { configureEvents, getEvent, getEventSettings, listEvents, publishEvent, replayEvents } from '@/server/events';
import { configureEventsInput, eventId, listEventsInput, publishEventInput, replayEventsInput } from '@/server/events/schema';
import { org, page, router, run, tenantProcedure } from '../trpc';

export const eventsRouter = router({
  list: tenantProcedure('event:read').input(listEventsInput.extend(page)).query(run(listEvents)),
  get: tenantProcedure('event:read').input(eventId.extend({ org })).query(run(getEvent)),
  publish: tenantProcedure('event:publish').input(publishEventInput.extend({ org })).mutation(run(publishEvent)),
  replay: tenantProcedure('event:replay').input(replayEventsInput.extend({ org })).mutation(run(replayEvents)),
  settings: tenantProcedure('event:read').input(z.strictObject({ org })).query(run(getEventSettings)),
  configure: tenantProcedure('event:configure').input(configureEventsInput.extend({ org })).mutation(run(configureEvents)),
});
