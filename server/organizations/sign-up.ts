import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import { countAttempt, easilyGuessed, emailAddress, hashPassword, newPassword } from '@/server/auth';
import { type OrganizationId, withTenant } from '@/server/db/transaction';
import { Invalid } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { insertOrganization } from './insert-organization';
import { signUpInput } from './schema';

export interface SignedUp {
  userId: string;
  organization: { id: string; slug: string; name: string };
  project: { id: string; slug: string };
}

const strict = signUpInput.extend({ email: emailAddress, password: newPassword }).superRefine((given, issues) => {
  const message = easilyGuessed(given.password, given);
  if (message) issues.addIssue({ code: 'custom', path: ['password'], message });
});

/**
 * Makes a person with an organization of their own, a first project and the built-in workflows, all or nothing.
 * Throws Invalid for a bad or used address and a password that is short or easily guessed, TooManyRequests past the limit of the caller's address.
 */
export async function signUp(input: z.input<typeof signUpInput>, address: string): Promise<SignedUp> {
  const { email, password, name, organization } = parseInput(strict, input);
  await countAttempt({ signup: address });
  const passwordHash = await hashPassword(password);
  return insertPerson({ email, name, passwordHash }, organization, address);
}

/** A new person who came from GitHub, Google or an OpenID provider. Throws Invalid when the address belongs to somebody. */
export async function signUpFromIdentity(identity: { provider: string; subject: string; email: string; name: string }, address: string): Promise<SignedUp> {
  const email = parseInput(emailAddress, identity.email);
  const name = identity.name.replace(/\p{C}/gu, '').trim().slice(0, 80) || (email.split('@')[0] ?? email);
  return insertPerson({ email, name, passwordHash: null, identity }, `${name}'s organization`.slice(0, 80), address);
}

function insertPerson(
  person: { email: string; name: string; passwordHash: string | null; identity?: { provider: string; subject: string } },
  organizationName: string,
  address: string,
): Promise<SignedUp> {
  const userId = uuid();
  // the one place where an organization id is made rather than found
  const organizationId = uuid() as OrganizationId;
  return withTenant(organizationId, async (tx) => {
    const { email, name, passwordHash, identity } = person;
    const { count } = await tx.user.createMany({ data: [{ id: userId, email, name, passwordHash }], skipDuplicates: true });
    if (count === 0) {
      const message = 'cannot be used for a new account. If it is yours, sign in instead';
      throw new Invalid(`This address ${message}.`, [{ path: 'email', message }]);
    }
    if (identity) await tx.identity.create({ data: { provider: identity.provider, subject: identity.subject, userId } });
    const made = await insertOrganization(tx, organizationId, organizationName, { id: userId, name, address });
    return { userId, organization: { id: organizationId, slug: made.slug, name: organizationName }, project: { id: made.projectId, slug: made.projectSlug } };
  });
}
