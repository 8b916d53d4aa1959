import { z } from 'zod';
import { createCredential, deleteCredential, listCredentials } from '@/server/credentials';
import { createCredentialInput, deleteCredentialInput } from '@/server/credentials/schema';
import { org, router, run, tenantProcedure } from '../trpc';

export const credentialsRouter = router({
  list: tenantProcedure('credential:read')
    .input(z.strictObject({ org }))
    .query(({ ctx }) => listCredentials(ctx.tenant)),
  create: tenantProcedure('credential:create')
    .input(z.strictObject({ org, credential: createCredentialInput }))
    .mutation(({ ctx, input }) => createCredential(ctx.tenant, input.credential)),
  delete: tenantProcedure('credential:delete').input(deleteCredentialInput.extend({ org })).mutation(run(deleteCredential)),
});
