import { TRPCError } from '@trpc/server';
import { headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { cache } from 'react';
import { apiContext } from './handle-request';
import { appRouter } from './router';
import { createCallerFactory } from './trpc';

const callerOf = createCallerFactory(appRouter);

/** The API for pages rendered on the server, as the signed-in person. Once a request. */
export const pageApi = cache(async () => callerOf(apiContext(await headers())));
type PageApi = Awaited<ReturnType<typeof pageApi>>;

/**
 * What a page shows first. Absent things become the not-found page, a missing session the sign-in page. What the role may not see is
 * undefined: the component asks again, is refused, and says why.
 */
export async function pageData<T>(ask: (api: PageApi) => Promise<T>): Promise<T | undefined> {
  try {
    return await ask(await pageApi());
  } catch (error) {
    if (!(error instanceof TRPCError)) throw error;
    if (error.code === 'NOT_FOUND' || error.code === 'BAD_REQUEST' || error.code === 'UNPROCESSABLE_CONTENT') notFound();
    if (error.code === 'UNAUTHORIZED') redirect('/signin');
    if (error.code === 'FORBIDDEN') return undefined;
    throw error;
  }
}
