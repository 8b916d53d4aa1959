import { z } from 'zod';
import { roles } from '@/core/permissions';

export const createApiKeyInput = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1, 'is missing')
    .max(80, 'at most 80 characters')
    .regex(/^[^\p{C}]*$/u, 'no control characters'),
  role: z.enum(roles).default('editor'),
  /** absent: never */
  expiresInDays: z.number().int().min(1).max(3650).optional(),
});
export const revokeApiKeyInput = z.strictObject({ id: z.uuid() });
