export { type PublishedEvent, publishEvent } from './publish-event';
