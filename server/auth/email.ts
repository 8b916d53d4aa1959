import { z } from 'zod';

/**
 * One e-mail address, lower case. Lists (`a@x.com,b@evil.com`), display names, quoted local parts and control characters are refused:
 * mail libraries read them differently than people do (security.md R12).
 */
export const emailAddress = z
  .string()
  .max(254, 'at most 254 characters')
  .transform((s) => s.trim().toLowerCase())
  .pipe(z.string().regex(/^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/, 'is not one e-mail address'));

/** Long enough to resist guessing, short enough that hashing stays cheap. */
export const newPassword = z.string().min(8, 'at least 8 characters').max(200, 'at most 200 characters');
