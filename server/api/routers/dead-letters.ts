import { countDeadLetters, discardDeadLetters, getDeadLetter, listDeadLetters, retryDeadLetters } from '@/server/dead-letters';
import { countDeadLettersInput, deadLetterId, listDeadLettersInput, selectDeadLettersInput } from '@/server/dead-letters/schema';
import { org, page, router, run, tenantProcedure } from '../trpc';

export const deadLettersRouter = router({
  list: tenantProcedure('dead-letter:read').input(listDeadLettersInput.extend(page)).query(run(listDeadLetters)),
  count: tenantProcedure('dead-letter:read').input(countDeadLettersInput.extend({ org })).query(run(countDeadLetters)),
  get: tenantProcedure('dead-letter:read').input(deadLetterId.extend({ org })).query(run(getDeadLetter)),
  retry: tenantProcedure('dead-letter:retry').input(selectDeadLettersInput.extend({ org })).mutation(run(retryDeadLetters)),
  discard: tenantProcedure('dead-letter:discard').input(selectDeadLettersInput.extend({ org })).mutation(run(discardDeadLetters)),
});
