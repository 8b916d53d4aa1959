export { getOrganization, type OrganizationDetail } from './get-organization';
export { listMembers, type Member } from './list-members';
export { listOrganizations, type OrganizationSummary } from './list-organizations';
export { removeMember } from './remove-member';
export { renameOrganization } from './rename-organization';
export { setRole } from './set-role';
export { type SignedUp, signUp, signUpFromIdentity } from './sign-up';
