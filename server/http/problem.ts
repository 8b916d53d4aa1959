import { DomainError, Invalid, TooManyRequests } from '@/server/lib/errors';

/** A fault of the HTTP exchange itself (size, method, syntax), as opposed to the DomainErrors of verbs. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}

/** The body of an error answer (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: { path: string; message: string }[];
  requestId?: string;
  runId?: string;
}

const titles: Record<number, string> = {
  400: 'Malformed request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  422: 'Invalid',
  429: 'Too many requests',
  500: 'Something went wrong',
  503: 'Not available',
  504: 'Took too long',
};

/** Makes a problem document. `code` becomes the last part of its type. */
export function problem(status: number, code: string, detail: string, more: Partial<Problem> = {}): Problem {
  return { type: `urn:heddle:problem:${code}`, title: titles[status] ?? 'Error', status, detail, ...more };
}

/**
 * The answer to an error, or undefined when the error is a bug. Carries no request id: a foreign id must answer byte for byte like an absent one
 * (the id is in the header X-Request-Id).
 */
export function knownProblem(error: unknown): { problem: Problem; headers: Record<string, string> } | undefined {
  if (error instanceof HttpError) return { problem: problem(error.status, error.code, error.message), headers: error.headers };
  if (!(error instanceof DomainError)) return undefined;
  const headers: Record<string, string> = {};
  if (error instanceof TooManyRequests) headers['retry-after'] = String(Math.max(1, Math.ceil(error.retryAfter)));
  else if (error.status === 429) headers['retry-after'] = '60';
  if (error.status === 401) headers['www-authenticate'] = 'Bearer realm="Heddle"';
  const errors = error instanceof Invalid && error.problems.length > 0 ? error.problems.map(({ path, message }) => ({ path, message })) : undefined;
  return { problem: problem(error.status, error.code, error.message, errors ? { errors } : {}), headers };
}
