import { z } from 'zod';
import { roles } from '@/core/permissions';

export const approvalStatuses = ['open', 'approved', 'rejected', 'expired', 'cancelled'] as const;

export const approvalId = z.strictObject({ id: z.uuid() });
export const listApprovalsInput = z.strictObject({
  /** `mine`: those that the caller is asked to decide, by name or role */
  scope: z.enum(['mine', 'all']).default('mine'),
  status: z.enum(['open', 'decided']).default('open'),
  /** a part of the title, the message or the title of the workflow */
  search: z.string().trim().max(200).optional(),
  /** of one run */
  runId: z.uuid().optional(),
  cursor: z.uuid().nullish(),
  limit: z.number().int().min(1).max(100).default(30),
});
export const decideApprovalInput = z.strictObject({
  id: z.uuid(),
  decision: z.enum(['approved', 'rejected']),
  comment: z.string().trim().max(5_000, 'at most 5000 characters').optional(),
  /** what the form asked for */
  values: z.record(z.string(), z.unknown()).optional(),
});
export const assigneeInput = z.union([
  z.strictObject({ user: z.string().trim().toLowerCase().pipe(z.email('wants an e-mail address')) }),
  z.strictObject({ role: z.enum(roles) }),
]);
export const reassignApprovalInput = z.strictObject({ id: z.uuid(), assignees: z.array(assigneeInput).min(1, 'wants somebody').max(50) });
