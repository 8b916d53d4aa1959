import * as z from 'zod';
import { parseDuration } from '@/core/workflow/duration';

/** A setting that holds a duration, as text; the executor calls parseDuration. */
export const durationSetting = () =>
  z
    .string({ error: 'wants a duration like 30s, 5m, 2h or 1d' })
    .refine((text) => parseDuration(text.trim()) !== undefined, 'wants a duration like 30s, 5m, 2h or 1d');
