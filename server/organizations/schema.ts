import { z } from 'zod';
import { roles } from '@/core/permissions';
import { emailAddress } from '@/server/auth/email';

/** One trimmed line of text that people read. */
const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1, 'is missing')
    .max(max, `at most ${max} characters`)
    .regex(/^[^\p{C}]*$/u, 'no control characters');

export const organizationName = line(80);
export const renameOrganizationInput = z.strictObject({ name: organizationName });
export const setRoleInput = z.strictObject({ userId: z.uuid(), role: z.enum(roles) });
export const removeMemberInput = z.strictObject({ userId: z.uuid() });
export const signUpInput = z.strictObject({
  email: z.string(),
  password: z.string(),
  name: line(80),
  organization: organizationName,
});
export const inviteMemberInput = z.strictObject({
  role: z.enum(roles).default('editor'),
  /** absent: whoever has the link */
  email: emailAddress.optional(),
});
export const revokeInvitationInput = z.strictObject({ id: z.uuid() });
export const invitationTokenInput = z.strictObject({ token: z.string().max(100) });
