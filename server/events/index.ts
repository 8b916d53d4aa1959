export { configureEvents } from './configure-events';
export { eventCounts, undispatchedEvents } from './event-counts';
export { startEventDispatcher } from './event-dispatcher';
export { createEventService } from './expect-event';
export { getEvent } from './get-event';
export { getEventSettings } from './get-event-settings';
export { listEvents } from './list-events';
export { publishEvent } from './publish-event';
export { replayEvents } from './replay-events';
