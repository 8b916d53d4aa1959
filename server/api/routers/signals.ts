import { getCallbackUrl, sendSignal } from '@/server/signals';
import { callbackUrlInput, sendSignalInput } from '@/server/signals/schema';
import { org, router, run, tenantProcedure } from '../trpc';

export const signalsRouter = router({
  send: tenantProcedure('run:signal')
    .input(sendSignalInput.extend({ org }))
    .mutation(run((ctx, input: Parameters<typeof sendSignal>[1]) => sendSignal(ctx, input))),
  callbackUrl: tenantProcedure('run:signal').input(callbackUrlInput.extend({ org })).query(run(getCallbackUrl)),
});
