import { z } from 'zod';

export const listAuditInput = z.strictObject({
  /** `workflow.publish`, or `workflow.` for all that begin so */
  action: z.string().max(80).optional(),
  actorId: z.string().max(80).optional(),
  targetId: z.string().max(80).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  cursor: z.uuid().nullish(),
  limit: z.number().int().min(1).max(200).default(50),
});
