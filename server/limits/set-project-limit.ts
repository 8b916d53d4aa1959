import type { z } from 'zod';
import { audit } from '@/server/audit/record';
import { authorize } from '@/server/auth/authorize';
import type { Context } from '@/server/auth/context';
import { withTenant } from '@/server/db/transaction';
import { NotFound } from '@/server/lib/errors';
import { parseInput } from '@/server/lib/parse-input';
import { announceRoom } from './internal';
import { setProjectLimitInput } from './schema';

/** How many runs of a project may be executed at the same time; what is queued already counts and waits too. */
export async function setProjectLimit(ctx: Context, input: z.input<typeof setProjectLimitInput>): Promise<{ projectId: string; concurrency: number | null }> {
  authorize(ctx, 'limit:update');
  const { projectId, concurrency } = parseInput(setProjectLimitInput, input);
  const { organizationId } = ctx;
  return withTenant(organizationId, async (tx) => {
    const project = await tx.project.findUnique({
      where: { organizationId_id: { organizationId, id: projectId } },
      select: { name: true, concurrency: true },
    });
    if (!project) throw new NotFound('This project');
    if (project.concurrency !== concurrency) {
      await audit(tx, ctx, 'limit.update', { type: 'project', id: projectId, name: project.name }, { from: project.concurrency, to: concurrency });
      await announceRoom(tx, organizationId);
      // hooks remember whether their project has a limit
      await tx.$executeRaw`SELECT pg_notify('heddle_trigger', '')`;
      await tx.$executeRaw`SELECT limit_project(${organizationId}::uuid, ${projectId}::uuid, ${concurrency}::int)`;
    }
    return { projectId, concurrency };
  });
}
