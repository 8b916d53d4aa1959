import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { Conflict } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { slugify } from '@/server/lib/slug';
import { createProjectInput } from './schema';

/** Makes a project; its slug comes from the name. Throws Conflict when a project has that slug. */
export async function createProject(ctx: Context, input: z.input<typeof createProjectInput>): Promise<{ id: string; slug: string; name: string }> {
  authorize(ctx, 'project:create');
  const { name } = parseInput(createProjectInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const id = uuid();
    const slug = slugify(name, 'project');
    const { count } = await tx.project.createMany({ data: [{ organizationId, id, slug, name }], skipDuplicates: true });
    if (count === 0) throw new Conflict(`There is a project ${slug} already: choose another name.`);
    await audit(tx, ctx, 'project.create', { type: 'project', id, name });
    return { id, slug, name };
  });
}
