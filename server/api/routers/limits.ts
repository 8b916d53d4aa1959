import { z } from 'zod';
import { getLimits, setOrganizationLimit, setProjectLimit } from '@/server/limits';
import { setOrganizationLimitInput, setProjectLimitInput } from '@/server/limits/schema';
import { org, router, run, tenantProcedure } from '../trpc';

export const limitsRouter = router({
  get: tenantProcedure('limit:read')
    .input(z.strictObject({ org }))
    .query(({ ctx }) => getLimits(ctx.tenant)),
  setOrganization: tenantProcedure('limit:update').input(setOrganizationLimitInput.extend({ org })).mutation(run(setOrganizationLimit)),
  setProject: tenantProcedure('limit:update').input(setProjectLimitInput.extend({ org })).mutation(run(setProjectLimit)),
});
