import { z } from 'zod';

export const setRetentionInput = z.strictObject({
  /** days that runs are kept after they were queued; null: for ever */
  runDays: z.number().int('wants whole days').min(1, 'wants at least one day').max(36_500, 'wants at most 36,500 days').nullable(),
});
