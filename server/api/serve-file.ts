import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { serveArtifact } from '@/server/artifacts';
import { contextOfMember } from '@/server/auth';
import { DomainError, Unauthenticated } from '@/server/lib/errors';
import { toTrpcError } from './errors';
import { apiContext } from './handle-request';

/** Sends a file of a run to a signed-in member. Refusals are short texts; absent and foreign files are the same. */
export async function serveFile(request: Request, { org, runId, fileId }: { org: string; runId: string; fileId: string }): Promise<Response> {
  try {
    const context = apiContext(request.headers);
    const user = await context.session();
    if (!user) throw new Unauthenticated('Sign in first.');
    const tenant = await contextOfMember(user, org, context.address);
    const { status, headers, open } = await serveArtifact(tenant, { runId, artifactId: fileId }, request.headers.get('range') ?? undefined);
    return new Response(open ? (Readable.toWeb(await open()) as WebStream<Uint8Array> as ReadableStream) : null, { status, headers });
  } catch (error) {
    const safe = toTrpcError(error, 'serveFile');
    // ids that are none name nothing
    const status = safe.cause instanceof DomainError ? (safe.cause.status === 422 ? 404 : safe.cause.status) : 500;
    return new Response(status === 404 ? 'This file does not exist.' : safe.message, {
      status,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' },
    });
  }
}
