import { z } from 'zod';
import { getOrganization, listMembers, listOrganizations, removeMember, renameOrganization, setRole } from '@/server/organizations';
import { removeMemberInput, renameOrganizationInput, setRoleInput } from '@/server/organizations/schema';
import { org, router, run, tenantProcedure, userProcedure } from '../trpc';

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
  rename: tenantProcedure('organization:update').input(renameOrganizationInput.extend({ org })).mutation(run(renameOrganization)),
});
