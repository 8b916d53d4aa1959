import { z } from 'zod';
import { listCircuits, resetCircuit, tripCircuit } from '@/server/circuits';
import { resetCircuitInput, tripCircuitInput } from '@/server/circuits/schema';
import { org, router, run, tenantProcedure } from '../trpc';

export const circuitsRouter = router({
  list: tenantProcedure('circuit:read')
    .input(z.strictObject({ org }))
    .query(({ ctx }) => listCircuits(ctx.tenant)),
  reset: tenantProcedure('circuit:reset').input(resetCircuitInput.extend({ org })).mutation(run(resetCircuit)),
  trip: tenantProcedure('circuit:trip').input(tripCircuitInput.extend({ org })).mutation(run(tripCircuit)),
});
