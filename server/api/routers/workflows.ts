import {
  createBlankWorkflow,
  deleteWorkflow,
  exportWorkflow,
  getWorkflow,
  importWorkflow,
  listVersions,
  listWorkflows,
  publishWorkflow,
  restoreWorkflow,
  saveDraft,
  validateDefinition,
} from '@/server/workflows';
import {
  createBlankWorkflowInput,
  createWorkflowInput,
  exportWorkflowInput,
  listVersionsInput,
  listWorkflowsInput,
  saveDraftInput,
  validateWorkflowInput,
  workflowId,
} from '@/server/workflows/schema';
import { org, page, router, run, tenantProcedure } from '../trpc';

export const workflowsRouter = router({
  list: tenantProcedure('workflow:read').input(listWorkflowsInput.extend(page)).query(run(listWorkflows)),
  get: tenantProcedure('workflow:read').input(workflowId.extend({ org })).query(run(getWorkflow)),
  /** a blank draft */
  create: tenantProcedure('workflow:create').input(createBlankWorkflowInput.extend({ org })).mutation(run(createBlankWorkflow)),
  saveDraft: tenantProcedure('workflow:update').input(saveDraftInput.extend({ org })).mutation(run(saveDraft)),
  publish: tenantProcedure('workflow:publish').input(workflowId.extend({ org })).mutation(run(publishWorkflow)),
  delete: tenantProcedure('workflow:delete').input(workflowId.extend({ org })).mutation(run(deleteWorkflow)),
  /** undo of delete */
  restore: tenantProcedure('workflow:delete').input(workflowId.extend({ org })).mutation(run(restoreWorkflow)),
  versions: tenantProcedure('workflow:read').input(listVersionsInput.extend(page)).query(run(listVersions)),
  /** a mutation only because a definition is too long for an address; it stores nothing */
  validate: tenantProcedure('workflow:read').input(validateWorkflowInput.extend({ org })).mutation(run(validateDefinition)),
  exportAwl: tenantProcedure('workflow:read').input(exportWorkflowInput.extend({ org })).query(run(exportWorkflow)),
  /** as an unpublished draft */
  importAwl: tenantProcedure('workflow:create').input(createWorkflowInput.extend({ org })).mutation(run(importWorkflow)),
});
