import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { audit } from '@/server/audit/record';
import type { Context } from '@/server/auth/context';
import type { OrganizationId, Transaction } from '@/server/db/transaction';
import { exampleWorkflows } from '@/server/examples';
import { slugify } from '@/server/lib/slug';
import { insertWorkflow, readValidDefinition } from '@/server/workflows';
import { reservedSlugs } from './reserved-slugs';

/** Inserts an organization with its owner, a first project and the built-in workflows, in a transaction of that organization. */
export async function insertOrganization(
  tx: Transaction,
  organizationId: OrganizationId,
  name: string,
  owner: { id: string; name: string; address: string },
): Promise<{ ctx: Context; slug: string; projectId: string; projectSlug: string }> {
  const slug = await insertWithFreeSlug(tx, organizationId, name);
  await tx.membership.create({ data: { organizationId, userId: owner.id, role: 'owner' } });
  const ctx: Context = {
    actor: { type: 'user', id: owner.id, name: owner.name, sessionId: '' },
    organizationId,
    role: 'owner',
    address: owner.address,
  };
  await audit(tx, ctx, 'organization.create', { type: 'organization', id: organizationId, name }, { slug });
  const projectId = uuid();
  const projectSlug = 'default';
  await tx.project.create({ data: { organizationId, id: projectId, slug: projectSlug, name: 'First project' } });
  await audit(tx, ctx, 'project.create', { type: 'project', id: projectId, name: 'First project' });
  for (const { awl } of exampleWorkflows()) await insertWorkflow(tx, ctx, projectId, readValidDefinition(awl), true);
  return { ctx, slug, projectId, projectSlug };
}

/** Slugs are unique over all organizations, which this transaction cannot see: try `acme`, `acme-2`, … and then something random. */
async function insertWithFreeSlug(tx: Transaction, id: OrganizationId, name: string): Promise<string> {
  const base = slugify(name, 'organization', 40);
  const numbered = Array.from({ length: 8 }, (_, i) => (i === 0 ? base : `${base}-${i + 1}`));
  const random = Array.from({ length: 4 }, () => `${base}-${randomBytes(4).toString('hex')}`);
  for (const slug of [...numbered, ...random]) {
    if (reservedSlugs.has(slug)) continue;
    const { count } = await tx.organization.createMany({ data: [{ id, slug, name }], skipDuplicates: true });
    if (count === 1) return slug;
  }
  throw new Error(`no free slug for ${base}`);
}
