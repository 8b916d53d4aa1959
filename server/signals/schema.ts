import { z } from 'zod';
import { signalNamePattern } from '@/core/workflow/signal-name';

/** Bytes of JSON that a signal or a callback may carry. */
export const maxSignalBytes = 1_048_576;

export const sendSignalInput = z.strictObject({
  runId: z.uuid(),
  name: z.string().regex(signalNamePattern, 'wants letters, digits, _ . or -, at most 100; names of Heddle’s own begin with $'),
  /** any JSON; absent: {} */
  data: z.unknown().optional(),
});
export const callbackUrlInput = z.strictObject({ runId: z.uuid(), path: z.string().min(1).max(300) });
