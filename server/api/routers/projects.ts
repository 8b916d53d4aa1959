import { z } from 'zod';
import { createProject, listProjects } from '@/server/projects';
import { createProjectInput } from '@/server/projects/schema';
import { org, router, run, tenantProcedure } from '../trpc';

export const projectsRouter = router({
  list: tenantProcedure('project:read')
    .input(z.strictObject({ org }))
    .query(({ ctx }) => listProjects(ctx.tenant)),
  create: tenantProcedure('project:create').input(createProjectInput.extend({ org })).mutation(run(createProject)),
});
