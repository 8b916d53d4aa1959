import type { Assignee } from '@/core/node/executor';
import { type Role, roles } from '@/core/permissions';
import type { Json } from '@/core/workflow/workflow';
import type { Context } from '@/server/auth/context';
import type { OrganizationId, Transaction } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';
import type { approvalStatuses } from './schema';

export type ApprovalStatus = (typeof approvalStatuses)[number];

/** An approval of the organization with whom it asks, or NotFound. */
export async function requireApproval(tx: Transaction, ctx: Context, id: string) {
  const row = await tx.approval.findUnique({
    where: { organizationId_id: { organizationId: ctx.organizationId, id } },
    include: { assignees: { orderBy: [{ kind: 'desc' }, { name: 'asc' }] } },
  });
  if (!row) throw new NotFound('This approval');
  return row;
}

/** By which names the caller may be asked: an address, and each role that the caller's own includes. An API key has no address. */
export async function namesOf(tx: Transaction, ctx: Context): Promise<{ email: string | null; roles: Role[] }> {
  const user = ctx.actor.type === 'user' ? await tx.user.findUnique({ where: { id: ctx.actor.id }, select: { email: true } }) : null;
  return { email: user?.email.toLowerCase() ?? null, roles: roles.slice(roles.indexOf(ctx.role)) };
}

/** Whether one of these names is asked. */
export function isAsked(names: { email: string | null; roles: Role[] }, assignees: readonly { kind: string; name: string }[]): boolean {
  return assignees.some(({ kind, name }) => (kind === 'user' ? name === names.email : names.roles.some((role) => role === name)));
}

/** Why the caller may not decide, in a sentence; null: they may. */
export function whyNotDecide(
  { role }: Pick<Context, 'role'>,
  names: { email: string | null; roles: Role[] },
  assignees: readonly { kind: string; name: string }[],
): string | null {
  if (role === 'owner' || role === 'admin' || isAsked(names, assignees)) return null;
  return 'This approval asks others: whom it names, or an owner or admin, decides.';
}

export const toRow = (assignee: Assignee): { kind: string; name: string } =>
  'user' in assignee ? { kind: 'user', name: assignee.user.toLowerCase() } : { kind: 'role', name: assignee.role };

export const fromRow = ({ kind, name }: { kind: string; name: string }): Assignee => (kind === 'user' ? { user: name } : { role: name as Role });

/** The earliest of the times at which something is to be done about an open approval. */
export function dueAt(...times: (Date | null | undefined)[]): Date | null {
  const known = times.filter((time): time is Date => time instanceof Date).map((time) => time.getTime());
  return known.length > 0 ? new Date(Math.min(...known)) : null;
}

export const readJson = (text: string | null): Json => (text === null ? null : (JSON.parse(text) as Json));

/** The addresses that are of no member. */
export async function strangers(tx: Transaction, organizationId: OrganizationId, assignees: readonly Assignee[]): Promise<string[]> {
  const addresses = assignees.flatMap((each) => ('user' in each ? [each.user.toLowerCase()] : []));
  if (addresses.length === 0) return [];
  const members = await tx.membership.findMany({
    where: { organizationId, user: { email: { in: addresses } } },
    select: { user: { select: { email: true } } },
  });
  const known = new Set(members.map(({ user }) => user.email.toLowerCase()));
  return addresses.filter((address) => !known.has(address));
}

/** A text of PostgreSQL holds neither NUL nor half a character. */
export const storable = (text: string): string => text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd');
