import { randomUUID } from 'node:crypto';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { DomainError, Invalid, TooManyRequests } from '@/server/lib/errors';
import { logger } from '@/server/lib/logger';
import { invalidFrom } from '@/server/lib/parse-input';

type Code = TRPCError['code'];
const codes: Record<number, Code> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  422: 'UNPROCESSABLE_CONTENT',
  429: 'TOO_MANY_REQUESTS',
};

/** What a page learns of a failure, under `error.data`; `error.message` is for people. */
export interface ErrorFacts {
  /** `not_found`, `conflict`, `invalid`, … or `internal` */
  reason: string;
  /** places in the input or definition, of `invalid` */
  problems?: { path: string; message: string; step?: string }[];
  /** `{revision}` of a draft conflict, for example */
  details?: unknown;
  /** seconds */
  retryAfter?: number;
  /** under which an unexpected error was logged */
  id?: string;
}

/** The one place where domain errors become tRPC errors. Anything unknown is logged with an id and shown as that id alone. */
export function toTrpcError(error: unknown, path = ''): TRPCError {
  const cause = error instanceof TRPCError && error.cause ? error.cause : error;
  if (cause instanceof Masked) return new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: cause.message, cause });
  const expected = cause instanceof z.ZodError ? invalidFrom(cause) : cause;
  if (expected instanceof DomainError) {
    return new TRPCError({ code: codes[expected.status] ?? 'BAD_REQUEST', message: expected.message, cause: expected });
  }
  if (error instanceof TRPCError && error.code !== 'INTERNAL_SERVER_ERROR') return error;
  const masked = new Masked();
  logger.error({ err: cause, errorId: masked.id, procedure: path }, 'a procedure failed unexpectedly');
  return new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: masked.message, cause: masked });
}

/** Stands for an error that was logged under `id` and must not be shown. */
class Masked extends Error {
  readonly id = randomUUID();
  constructor() {
    super('');
    this.message = `Something went wrong on our side. It was logged as ${this.id}.`;
  }
}

/** What goes to the page besides the message. */
export function errorFacts(error: TRPCError): ErrorFacts {
  const { cause } = error;
  if (cause instanceof Invalid) return { reason: cause.code, problems: cause.problems };
  if (cause instanceof TooManyRequests) return { reason: cause.code, retryAfter: cause.retryAfter };
  if (cause instanceof DomainError) return { reason: cause.code, ...(cause.details === undefined ? {} : { details: cause.details }) };
  if (cause instanceof Masked) return { reason: 'internal', id: cause.id };
  return { reason: error.code.toLowerCase() };
}
