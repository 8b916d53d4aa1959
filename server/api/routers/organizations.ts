import { z } from 'zod';
import {
  acceptInvitation,
  getOrganization,
  inviteMember,
  listInvitations,
  listMembers,
  listOrganizations,
  readInvitation,
  removeMember,
  renameOrganization,
  revokeInvitation,
  setRole,
} from '@/server/organizations';
import {
  invitationTokenInput,
  inviteMemberInput,
  removeMemberInput,
  renameOrganizationInput,
  revokeInvitationInput,
  setRoleInput,
} from '@/server/organizations/schema';
import { org, publicProcedure, router, run, tenantProcedure, userProcedure } from '../trpc';

const onlyOrg = z.strictObject({ org });

export const organizationsRouter = router({
  list: userProcedure.query(({ ctx }) => listOrganizations(ctx.user.id)),
  get: tenantProcedure('organization:read')
    .input(onlyOrg)
    .query(({ ctx }) => getOrganization(ctx.tenant)),
  members: tenantProcedure('member:read')
    .input(onlyOrg)
    .query(({ ctx }) => listMembers(ctx.tenant)),
  setRole: tenantProcedure('member:update').input(setRoleInput.extend({ org })).mutation(run(setRole)),
  removeMember: tenantProcedure('member:remove').input(removeMemberInput.extend({ org })).mutation(run(removeMember)),
  invitations: tenantProcedure('member:invite')
    .input(onlyOrg)
    .query(({ ctx }) => listInvitations(ctx.tenant)),
  inviteMember: tenantProcedure('member:invite').input(inviteMemberInput.extend({ org })).mutation(run(inviteMember)),
  revokeInvitation: tenantProcedure('member:invite').input(revokeInvitationInput.extend({ org })).mutation(run(revokeInvitation)),
  /** what the link of an invitation offers; the link itself is the right to see it */
  invitation: publicProcedure.input(invitationTokenInput).query(({ input }) => readInvitation(input)),
  acceptInvitation: userProcedure.input(invitationTokenInput).mutation(({ ctx, input }) => acceptInvitation(ctx.user, input, ctx.address)),
  rename: tenantProcedure('organization:update').input(renameOrganizationInput.extend({ org })).mutation(run(renameOrganization)),
});
