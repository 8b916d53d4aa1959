import { z } from 'zod';
import { runStatuses } from '@/core/engine/events';

export const runId = z.strictObject({ runId: z.uuid() });
export const startRunInput = z.strictObject({
  workflowId: z.uuid(),
  /** `draft`: what the editor shows, frozen; `current`: the published version */
  source: z.enum(['draft', 'current']).default('current'),
  version: z.number().int().min(1).optional(),
  /** any JSON; absent: {} */
  input: z.unknown().optional(),
  priority: z.number().int().min(-100).max(100).optional(),
  /** how the run came about */
  trigger: z.enum(['manual', 'api']).optional(),
});
export const listRunsInput = z.strictObject({
  projectId: z.uuid().optional(),
  workflowId: z.uuid().optional(),
  status: z.array(z.enum(runStatuses)).max(6).optional(),
  cursor: z.uuid().nullish(),
  limit: z.number().int().min(1).max(100).default(50),
});
export const readRunEventsInput = z.strictObject({
  runId: z.uuid(),
  after: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(5000).default(1000),
});
export const readAnswerEventsInput = z.strictObject({ runId: z.uuid(), step: z.string().max(200).optional() });
export const retryRunInput = z.strictObject({ runId: z.uuid(), from: z.string().min(1).max(64).optional(), input: z.unknown().optional() });
