import { z } from 'zod';
import { listTemplates } from '@/server/examples';
import { checkStatus } from '@/server/health';
import { NotFound } from '@/server/lib/errors';
import { publicProcedure, router } from '../trpc';

/** What the public pages show: nothing here belongs to an organization. */
export const siteRouter = router({
  status: publicProcedure.query(() => checkStatus()),
  templates: publicProcedure.query(() => listTemplates()),
  template: publicProcedure.input(z.strictObject({ slug: z.string().max(80) })).query(({ input }) => {
    const template = listTemplates().find(({ slug }) => slug === input.slug);
    if (!template) throw new NotFound('This template');
    return template;
  }),
});
