import { z } from 'zod';

/** An AWL definition: YAML or JSON text, or the parsed document. Checked by core/workflow, not by zod. */
const definition = z.union([z.string().max(1_048_576, 'at most 1 MB'), z.record(z.string(), z.unknown())]);
const project = z.string().min(1).max(80);
const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is not the slug of a workflow');

export const workflowId = z.strictObject({ id: z.uuid() });
export const getWorkflowInput = z.union([workflowId, z.strictObject({ slug, project: project.optional() })]);
export const listWorkflowsInput = z.strictObject({
  /** slug or id of a project */
  project: project.optional(),
  slug: slug.optional(),
  text: z.string().max(200).optional(),
  /** only the deleted ones, for undo */
  deleted: z.boolean().optional(),
  cursor: z.string().max(500).nullish(),
  limit: z.number().int().min(1).max(100).default(50),
});
export const createWorkflowInput = z.strictObject({ project: project.optional(), definition });
export const createBlankWorkflowInput = z.strictObject({
  project: project.optional(),
  title: z.string().trim().min(1).max(120).default('Untitled workflow'),
});
export const updateWorkflowInput = z.strictObject({ id: z.uuid(), definition });
export const saveDraftInput = z.strictObject({ id: z.uuid(), baseRevision: z.number().int().min(1), definition });
export const validateWorkflowInput = z.strictObject({ definition });
export const exportWorkflowInput = z.strictObject({ id: z.uuid(), version: z.union([z.number().int().min(1), z.literal('draft')]).optional() });
export const listVersionsInput = z.strictObject({
  id: z.uuid(),
  cursor: z.string().max(500).nullish(),
  limit: z.number().int().min(1).max(100).default(50),
});
