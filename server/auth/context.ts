import type { Role } from '@/core/permissions';
import type { OrganizationId } from '@/server/db/transaction';

export type Actor =
  | { type: 'user'; id: string; name: string; sessionId: string }
  | { type: 'apiKey'; id: string; name: string }
  | { type: 'trigger'; id: string; name: string }
  | { type: 'system'; id: string; name: string };

/** Who acts, in which organization, with which role. Made in server/auth from a session, a key or a trigger; never from a request body. */
export interface Context {
  actor: Actor;
  organizationId: OrganizationId;
  role: Role;
  /** address of the caller, for the audit log */
  address: string;
}
