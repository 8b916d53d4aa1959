import { z } from 'zod';
import { createApiKey, listApiKeys, revokeApiKey } from '@/server/api-keys';
import { createApiKeyInput, revokeApiKeyInput } from '@/server/api-keys/schema';
import { org, router, run, tenantProcedure } from '../trpc';

export const apiKeysRouter = router({
  list: tenantProcedure('api-key:read')
    .input(z.strictObject({ org }))
    .query(({ ctx }) => listApiKeys(ctx.tenant)),
  /** answers with the whole key, this once */
  create: tenantProcedure('api-key:create').input(createApiKeyInput.extend({ org })).mutation(run(createApiKey)),
  revoke: tenantProcedure('api-key:revoke').input(revokeApiKeyInput.extend({ org })).mutation(run(revokeApiKey)),
});
