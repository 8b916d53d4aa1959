import { z } from 'zod';
import { eventTypePattern, isEventPattern, isReservedType, maxEventType } from '@/core/workflow/event-pattern';

// NUL is a character of JSON, but not of PostgreSQL's text
const subject = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => !text.includes('\u0000'), 'may not hold the character NUL');
const pattern = z.string().refine(isEventPattern, 'wants a type of event such as order.created, order.* or order.**');
const time = z.iso.datetime({ offset: true });

export const publishEventInput = z.strictObject({
  type: z
    .string()
    .max(maxEventType, `at most ${maxEventType} characters`)
    .regex(eventTypePattern, 'wants a type such as order.created: small letters, digits, - and _, in parts between dots')
    .refine((type) => !isReservedType(type), 'types that begin with run, step, approval or circuit are published by Heddle itself'),
  subject: subject.describe('what it is about, such as the id of the order').optional(),
  data: z.unknown().describe('any JSON, at most 1 MB; absent: {}').optional(),
});

export const listEventsInput = z.strictObject({
  pattern: pattern.describe('`order.created`, `order.*` or `order.**`').optional(),
  subject: subject.optional(),
  text: z.string().min(1).max(200).describe('stands somewhere in the data, in large or small letters').optional(),
  from: time.optional(),
  to: time.describe('before this time').optional(),
  /** the oldest first, for those who follow */
  order: z.enum(['newest', 'oldest']).default('newest'),
  cursor: z.uuid().nullish(),
  limit: z.number().int().min(1).max(200).default(50),
});

export const eventId = z.strictObject({ id: z.uuid() });

/** events that one call may repeat */
export const maxReplay = 10_000;
export const replayEventsInput = z.strictObject({
  from: time.describe('from this time'),
  to: time.describe('before this time; absent: until now').optional(),
  after: z.uuid().describe('only events with a larger id: `nextAfter` of the call before').optional(),
  pattern: pattern.optional(),
  subject: subject.optional(),
  workflowId: z.uuid().describe('only this workflow is started; absent: all whose trigger matches').optional(),
  limit: z.number().int().min(1).max(maxReplay).default(1_000).describe('at most as many, the oldest first'),
  dryRun: z.boolean().default(false).describe('only count'),
});

export const configureEventsInput = z.strictObject({
  keepRunEvents: z.boolean().describe('run.failed and the like are stored even when no trigger or step waits for them'),
});
