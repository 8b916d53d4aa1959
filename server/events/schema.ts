import { z } from 'zod';
import { eventTypePattern, maxEventType } from '@/core/workflow/event-pattern';

export const publishEventInput = z.strictObject({
  type: z
    .string()
    .max(maxEventType, `at most ${maxEventType} characters`)
    .regex(eventTypePattern, 'wants a type such as order.created: small letters, digits, - and _, in parts between dots'),
  subject: z.string().min(1).max(500).describe('what it is about, such as the id of the order').optional(),
  data: z.unknown().describe('any JSON, at most 1 MB; absent: {}').optional(),
});
