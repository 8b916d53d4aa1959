import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { addressOf, cookieOf, readSession, requireSameOrigin, sessionCookie } from '@/server/auth';
import { personBodyLimit, strangerBodyLimit } from '@/server/http/limit-body';
import { Forbidden } from '@/server/lib/errors';
import { appRouter } from './router';
import type { ApiContext } from './trpc';

/** Answers a tRPC call over HTTP. JSON only: tRPC would take forms too, which other sites can send (security.md, Web). */
export async function handleApiRequest(request: Request): Promise<Response> {
  if (request.method !== 'GET') {
    if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) return refuse(415, 'Send application/json.');
    try {
      requireSameOrigin(request.headers);
    } catch (error) {
      if (error instanceof Forbidden) return refuse(403, error.message);
      throw error;
    }
  }
  const context = apiContext(request.headers);
  let req = request;
  if (request.body) {
    // nothing is read before it is known who sends it
    const limit = (await context.session()) ? personBodyLimit : strangerBodyLimit;
    const body = await readAtMost(request.body, limit, request.headers);
    if (!body) return refuse(413, `At most ${limit} bytes.`);
    req = new Request(request.url, { method: request.method, headers: request.headers, body, signal: request.signal });
  }
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req,
    router: appRouter,
    createContext: () => context,
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

/** The bytes of a body, or undefined when there are more than `limit`, whatever its headers say. */
async function readAtMost(stream: ReadableStream<Uint8Array>, limit: number, headers: Headers): Promise<Blob | undefined> {
  if (Number(headers.get('content-length') ?? 0) > limit) return undefined;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > limit) return undefined; // leaving the loop cancels the stream
    chunks.push(chunk as Uint8Array<ArrayBuffer>);
  }
  return new Blob(chunks);
}

function refuse(status: number, message: string): Response {
  return Response.json({ error: { message, code: -32600, data: { code: 'BAD_REQUEST', httpStatus: status, reason: 'refused' } } }, { status });
}
