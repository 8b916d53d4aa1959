import { z } from 'zod';
import { listModels } from '@/server/models';
import { org, router, tenantProcedure } from '../trpc';

export const modelsRouter = router({
  list: tenantProcedure('workflow:read')
    .input(z.strictObject({ org }))
    .query(({ ctx }) => listModels(ctx.tenant)),
});
