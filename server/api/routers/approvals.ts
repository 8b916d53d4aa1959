import { z } from 'zod';
import { countApprovals, decideApproval, getApproval, listApprovals, reassignApproval } from '@/server/approvals';
import { approvalId, decideApprovalInput, listApprovalsInput, reassignApprovalInput } from '@/server/approvals/schema';
import { org, page, router, run, tenantProcedure } from '../trpc';

export const approvalsRouter = router({
  list: tenantProcedure('approval:read').input(listApprovalsInput.extend(page)).query(run(listApprovals)),
  get: tenantProcedure('approval:read').input(approvalId.extend({ org })).query(run(getApproval)),
  /** for the badge in the navigation */
  count: tenantProcedure('approval:read')
    .input(z.strictObject({ org }))
    .query(({ ctx }) => countApprovals(ctx.tenant)),
  decide: tenantProcedure('approval:decide').input(decideApprovalInput.extend({ org })).mutation(run(decideApproval)),
  reassign: tenantProcedure('approval:reassign').input(reassignApprovalInput.extend({ org })).mutation(run(reassignApproval)),
});
