import { z } from 'zod';

export const createProjectInput = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1, 'is missing')
    .max(80, 'at most 80 characters')
    .regex(/^[^\p{C}]*$/u, 'no control characters'),
});
