import { initTRPC, TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { Permission } from '@/core/permissions';
import type { Context, SessionUser } from '@/server/auth';
import { contextOfMember } from '@/server/auth';
import { authorize } from '@/server/auth/authorize';
import { Unauthenticated } from '@/server/lib/errors';
import { errorFacts, toTrpcError } from './errors';

/** What a procedure knows of its request. The session is looked up once a request, however many calls a batch holds. */
export interface ApiContext {
  session: () => Promise<SessionUser | null>;
  /** the session again, past the request: for streams that outlive it */
  recheckSession: () => Promise<SessionUser | null>;
  address: string;
}

/** Every procedure says who may call it; a test fails for one that does not. */
export interface ProcedureMeta {
  permission: Permission | 'user' | 'public';
}

const t = initTRPC
  .context<ApiContext>()
  .meta<ProcedureMeta>()
  .create({
    errorFormatter: ({ shape, error }) => {
      const safe = toTrpcError(error, shape.data.path);
      return {
        message: safe.message,
        code: shape.code,
        data: { code: safe.code, httpStatus: shape.data.httpStatus, path: shape.data.path, ...errorFacts(safe) },
      };
    },
    sse: { ping: { enabled: true, intervalMs: 10_000 }, client: { reconnectAfterInactivityMs: 25_000 } },
  });

export const { router, createCallerFactory } = t;

const guarded = t.procedure.use(async ({ next, path }) => {
  const result = await next();
  if (!result.ok) throw toTrpcError(result.error, path);
  return result;
});

/** Anybody may call it. */
export const publicProcedure = guarded.meta({ permission: 'public' });

/** Needs a signed-in person, `ctx.user`. */
export const userProcedure = guarded.meta({ permission: 'user' }).use(async ({ ctx, next }) => next({ ctx: { user: await requireUser(ctx.session) } }));

/** The slug of an organization, which every procedure inside one takes. */
export const org = z.string();
/** What a paged list takes besides its own input: TanStack's infinite queries always send a direction, and ours know one. */
export const page = { org, direction: z.literal('forward').optional() };

/**
 * Needs a member of the organization `org` with this permission, `ctx.tenant`. It looks at the raw input, before the rest is parsed,
 * so that a stranger learns nothing from input errors.
 */
export function tenantProcedure(permission: Permission) {
  return guarded.meta({ permission }).use(async ({ ctx, next, getRawInput }) => {
    const user = await requireUser(ctx.session);
    const slug = z.object({ org }).safeParse(await getRawInput());
    if (!slug.success) throw new TRPCError({ code: 'BAD_REQUEST', message: 'org: the slug of the organization is missing.' });
    const tenant = await contextOfMember(user, slug.data.org, ctx.address);
    authorize(tenant, permission);
    /** for streams: throws once the session is revoked or the membership is gone */
    const stillAllowed = async (): Promise<Context> => {
      const again = await contextOfMember(await requireUser(ctx.recheckSession), slug.data.org, ctx.address);
      authorize(again, permission);
      return again;
    };
    return next({ ctx: { user, tenant, stillAllowed } });
  });
}

async function requireUser(session: () => Promise<SessionUser | null>): Promise<SessionUser> {
  const user = await session();
  if (!user?.id) throw new Unauthenticated('Sign in first.');
  return user;
}

/** A resolver that hands the input, without `org`, to a verb. */
export function run<I, O>(verb: (ctx: Context, input: I) => Promise<O>) {
  return ({ ctx, input }: { ctx: { tenant: Context }; input: I & { org: string; direction?: 'forward' } }): Promise<O> => {
    const { org: _, direction: __, ...rest } = input;
    return verb(ctx.tenant, rest as unknown as I);
  };
}
