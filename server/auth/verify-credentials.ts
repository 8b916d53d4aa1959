import { withCapability } from '@/server/db/transaction';
import { countAttempt, forgetAttempts } from './attempts';
import { emailAddress } from './email';
import { verifyPassword } from './password';

export interface SignedIn {
  id: string;
  email: string;
  name: string;
}

/**
 * The person with this e-mail and password, or null: the same, in the same time, for an unknown address, a wrong password and a disabled
 * account. Throws TooManyRequests past the limits of the account or of the caller's address.
 */
export async function verifyCredentials(input: { email: unknown; password: unknown; address: string }): Promise<SignedIn | null> {
  const parsed = emailAddress.safeParse(input.email);
  const password = typeof input.password === 'string' ? input.password.slice(0, 1_000) : '';
  const email = parsed.success ? parsed.data : 'invalid';
  const attempt = await countAttempt({ email, address: input.address });
  const user = parsed.success ? await withCapability({}, (tx) => tx.user.findUnique({ where: { email } })) : null;
  const fits = await verifyPassword(user?.passwordHash, password);
  if (!user || !fits || user.disabledAt) return null;
  await forgetAttempts(email, attempt);
  return { id: user.id, email: user.email, name: user.name };
}
