import { withCapability } from '@/server/db/transaction';
import { Invalid } from '@/server/lib/errors';

export interface ForeignIdentity {
  provider: string;
  subject: string;
  email: string;
  name: string;
}
/** Makes an account and an organization for a new person. Throws Invalid when the address belongs to somebody. */
export type Register = (identity: ForeignIdentity, address: string) => Promise<{ userId: string }>;

/**
 * The person of a provider's identity, made when new. Null when the account is disabled or its address already belongs to an account:
 * accounts are never joined by address, since whoever made that account first may not own the address.
 */
export async function personOfIdentity(identity: ForeignIdentity, address: string, register: Register): Promise<string | null> {
  const { provider, subject } = identity;
  const known = await withCapability({}, (tx) => tx.identity.findUnique({ where: { provider_subject: { provider, subject } }, include: { user: true } }));
  if (known) return known.user.disabledAt ? null : known.userId;
  try {
    return (await register(identity, address)).userId;
  } catch (error) {
    if (error instanceof Invalid) return null;
    throw error;
  }
}
