import { z } from 'zod';
import { listSessions, revokeSession } from '@/server/auth';
import { signInProviders } from '@/server/auth/providers';
import { NotFound } from '@/server/lib/errors';
import { listOrganizations, signUp } from '@/server/organizations';
import { signUpInput } from '@/server/organizations/schema';
import { publicProcedure, router, userProcedure } from '../trpc';

export const sessionRouter = router({
  /** the signed-in person and their organizations; null when nobody is signed in */
  me: publicProcedure.query(async ({ ctx }) => {
    const user = await ctx.session();
    if (!user) return null;
    const { id, name, email } = user;
    return { user: { id, name, email }, organizations: await listOrganizations(id) };
  }),
  /** the ways to sign in besides e-mail and password */
  providers: publicProcedure.query(() => signInProviders()),
  signUp: publicProcedure.input(signUpInput).mutation(({ ctx, input }) => signUp(input, ctx.address)),
  list: userProcedure.query(({ ctx }) => listSessions(ctx.user)),
  revoke: userProcedure.input(z.strictObject({ id: z.uuid() })).mutation(async ({ ctx, input }) => {
    if (!(await revokeSession(ctx.user.id, input.id))) throw new NotFound('This session');
    return { id: input.id };
  }),
});
