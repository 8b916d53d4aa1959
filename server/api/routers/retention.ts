import { z } from 'zod';
import { getRetention, setRetention } from '@/server/retention';
import { setRetentionInput } from '@/server/retention/schema';
import { org, router, run, tenantProcedure } from '../trpc';

export const retentionRouter = router({
  /** how long runs are kept, and what they take */
  get: tenantProcedure('organization:read')
    .input(z.strictObject({ org }))
    .query(({ ctx }) => getRetention(ctx.tenant)),
  set: tenantProcedure('organization:update').input(setRetentionInput.extend({ org })).mutation(run(setRetention)),
});
