export { decideApproval } from './decide-approval';
export { type ApprovalDetail, getApproval } from './get-approval';
export type { ApprovalStatus } from './internal';
export { type ApprovalSummary, countApprovals, listApprovals } from './list-approvals';
export { createApprovals } from './open-approval';
export { reassignApproval } from './reassign-approval';
export { startApprovalSweep } from './sweep-approvals';
