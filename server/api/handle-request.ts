import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { addressOf, cookieOf, readSession, requireSameOrigin, sessionCookie } from '@/server/auth';
import { Forbidden } from '@/server/lib/errors';
import { appRouter } from './router';
import type { ApiContext } from './trpc';

/** Two definitions of the largest size and some: what a save of a draft may weigh. */
const maxBytes = 2_500_000;

/** Answers a tRPC call over HTTP. JSON only: tRPC would take forms too, which other sites can send (security.md, Web). */
export async function handleApiRequest(request: Request): Promise<Response> {
  if (request.method !== 'GET') {
    if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) return refuse(415, 'Send application/json.');
    if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return refuse(413, `At most ${maxBytes} bytes.`);
    try {
      requireSameOrigin(request.headers);
    } catch (error) {
      if (error instanceof Forbidden) return refuse(403, error.message);
      throw error;
    }
  }
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req: request,
    router: appRouter,
    createContext: () => apiContext(request.headers),
    maxBatchSize: 20,
    // streams bring their own, `no-transform` among it
    responseMeta: ({ type }) => (type === 'subscription' ? {} : { headers: new Headers({ 'cache-control': 'no-store' }) }),
  });
}

/** What procedures know of a request with these headers. */
export function apiContext(headers: Headers): ApiContext {
  const token = cookieOf(headers, sessionCookie().name);
  let session: ReturnType<typeof readSession> | undefined;
  return { session: () => (session ??= readSession(token)), recheckSession: () => readSession(token), address: addressOf(headers) };
}

function refuse(status: number, message: string): Response {
  return Response.json({ error: { message, code: -32600, data: { code: 'BAD_REQUEST', httpStatus: status, reason: 'refused' } } }, { status });
}
