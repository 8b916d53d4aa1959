import { z } from 'zod';

export const listArtifactsInput = z.strictObject({
  runId: z.uuid(),
  cursor: z.uuid().nullish(),
  limit: z.number().int().min(1).max(500).default(100),
});
export const readArtifactInput = z.strictObject({
  runId: z.uuid(),
  artifactId: z.uuid(),
  /** bytes from `start` to and with `end` */
  range: z.strictObject({ start: z.number().int().min(0), end: z.number().int().min(0) }).optional(),
});
