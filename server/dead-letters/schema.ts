import { z } from 'zod';

export const deadLetterReasons = ['exhausted', 'poisoned'] as const;
export type DeadLetterReason = (typeof deadLetterReasons)[number];
export const deadLetterStatuses = ['open', 'retried', 'discarded'] as const;
export type DeadLetterStatus = (typeof deadLetterStatuses)[number];

/** How many one call retries or discards; it says how many are left. */
export const deadLettersAtOnce = 100;

const filter = {
  /** in the message, the code, the step, the workflow; or the id of a run */
  q: z.string().trim().max(200).optional(),
  workflowId: z.uuid().optional(),
  reason: z.enum(deadLetterReasons).optional(),
};
export const deadLetterFilter = z.strictObject(filter);
export type DeadLetterFilter = z.infer<typeof deadLetterFilter>;

export const listDeadLettersInput = z.strictObject({
  ...filter,
  status: z.enum(deadLetterStatuses).default('open'),
  cursor: z.uuid().nullish(),
  limit: z.number().int().min(1).max(100).default(50),
});
export const countDeadLettersInput = z.strictObject({ workflowId: z.uuid().optional() });
export const deadLetterId = z.strictObject({ id: z.uuid() });
/** Which open ones: by their ids, or all that a filter finds. Exactly one of both. */
export const selectDeadLettersInput = z.strictObject({ ids: z.array(z.uuid()).min(1).max(deadLettersAtOnce).optional(), filter: deadLetterFilter.optional() });
