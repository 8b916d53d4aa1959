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
/** Which runs: all conditions together. */
const runFilter = {
  projectId: z.uuid().optional(),
  workflowId: z.uuid().optional(),
  status: z.array(z.enum(runStatuses)).max(6).optional(),
  /** code of the error that ended it */
  errorCode: z.string().min(1).max(100).optional(),
  /** part of the message of that error, in any case */
  errorText: z.string().min(1).max(200).optional(),
  /** queued at or after, before */
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  /** halted by somebody */
  paused: z.boolean().optional(),
};
export const listRunsInput = z.strictObject({ ...runFilter, cursor: z.uuid().nullish(), limit: z.number().int().min(1).max(100).default(50) });
/** Runs by their ids, or a filter; of a filter a call does `limit` runs, the newest first, and answers with the cursor of the next call. */
const many = {
  ids: z.array(z.uuid()).min(1).max(500).optional(),
  filter: z.strictObject(runFilter).optional(),
  cursor: z.uuid().nullish(),
  limit: z.number().int().min(1).max(500).default(200),
};
const oneOf = { error: 'wants either ids or a filter' };
export const manyRunsInput = z.strictObject(many).refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), oneOf);
export const readRunEventsInput = z.strictObject({
  runId: z.uuid(),
  after: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(5000).default(1000),
});
export const readAnswerEventsInput = z.strictObject({ runId: z.uuid(), step: z.string().max(200).optional() });
export const retryRunInput = z.strictObject({ runId: z.uuid(), from: z.string().min(1).max(64).optional(), input: z.unknown().optional() });

const step = z.string().min(1).max(64);
const changes = {
  /** any JSON; absent: the same */
  input: z.unknown().optional(),
  /** results in the place of what earlier steps gave, by step id */
  outputs: z.record(step, z.unknown()).optional(),
  /** `same`, `current` or a number */
  version: z.union([z.enum(['same', 'current']), z.number().int().min(1)]).default('same'),
};
export const rerunRunInput = z.strictObject({ runId: z.uuid(), from: step, ...changes });
/** absent `from`: only what has no result yet is executed */
export const forkRunInput = z.strictObject({ runId: z.uuid(), from: step.optional(), ...changes });
export const previewRerunInput = z.strictObject({
  runId: z.uuid(),
  from: step.optional(),
  version: changes.version,
  outputs: z.array(step).max(200).optional(),
});
