import { type Permission, roleGrants } from '@/core/permissions';
import { Forbidden } from '@/server/lib/errors';
import type { Context } from './context';

/** First line of every verb. Throws Forbidden with what is missing and which role the caller has. */
export function authorize(ctx: Context, permission: Permission): void {
  if (!roleGrants(ctx.role, permission)) {
    throw new Forbidden(`This needs the permission ${permission}, which the role ${ctx.role} does not have.`);
  }
}
