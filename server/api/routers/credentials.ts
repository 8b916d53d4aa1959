import { z } from 'zod';
import { createCredential, deleteCredential, listCredentials } from '@/server/credentials';
import { createCredentialInput, deleteCredentialInput } from '@/server/credentials/schema';
import { org, router, run, tenantProcedure } from '../trpc';

export const credentialsRouter = router({
  list: tenantProcedure('credential:read').input(z.strictObject({ org })).query(({ ctx }) => listCredentials(ctx.tenant)),
  create: tenantProcedure('credential:create').input(createCredentialInput.extend({ org })).mutation(run(createCredential)),
  delete: tenantProcedure('credential:delete').input(deleteCredentialInput.extend({ org })).mutation(run(deleteCredential)),
});
