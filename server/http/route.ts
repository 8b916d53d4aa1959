import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ZodType, z } from 'zod';
import type { Permission } from '@/core/permissions';
import type { Context } from '@/server/auth/context';

/** What a handler answers. `undefined` body: none. `streamed`: the handler writes the answer itself. */
export type Reply = { status: number; body?: unknown; text?: string; headers?: Record<string, string> } | 'streamed';

export interface ApiRequest<B, Q> {
  ctx: Context;
  params: Record<string, string>;
  query: Q;
  body: B;
  req: IncomingMessage;
  res: ServerResponse;
  /** the id for what the call makes: the same when a request with an Idempotency-Key comes again after a crash */
  newId: string;
  /** gives up the place among working requests: for `waiting` */
  release(): void;
  /** aborts when the client goes away */
  signal: AbortSignal;
  /** the key's context looked up again; rejects once it is revoked */
  reauthenticate(): Promise<Context>;
}

/** One call of /api/v1: how it is reached, who may, what it takes and gives, and the code. OpenAPI is made from the same object. */
export interface Route<B = unknown, Q = unknown> {
  method: 'GET' | 'POST' | 'PUT';
  /** `/api/v1/runs/{id}` */
  path: string;
  operationId: string;
  summary: string;
  /** checked here and again by the verb; a route without one does not compile (security R13) */
  permission: Permission;
  query?: ZodType<Q>;
  /** `limit` in bytes; `optional`: an empty body means `{}` */
  body?: { schema: ZodType<B>; limit: number; optional?: boolean };
  /** by status; the schemas are for OpenAPI */
  responses: Record<number, { description: string; schema?: ZodType }>;
  handle(request: ApiRequest<B, Q>): Promise<Reply>;
}

/** Identity with inference of the body's and the query's types. */
export function defineRoute<B extends ZodType = ZodType<undefined>, Q extends ZodType = ZodType<undefined>>(
  route: Omit<Route<z.output<B>, z.output<Q>>, 'query' | 'body'> & { query?: Q; body?: { schema: B; limit: number; optional?: boolean } },
): Route {
  return route as unknown as Route;
}
