/** The expected failures of verbs. Anything else is a bug: logged with an id and shown as that id alone. */
export abstract class DomainError extends Error {
  abstract readonly code: string;
  abstract readonly status: number;
  readonly details?: unknown;
  constructor(message: string, details?: unknown) {
    super(message);
    this.name = new.target.name;
    this.details = details;
  }
}

/** Absent, or of another organization: the same answer, byte for byte. */
export class NotFound extends DomainError {
  readonly code = 'not_found';
  readonly status = 404;
  constructor(what = 'This') {
    super(`${what} does not exist.`);
  }
}
export class Unauthenticated extends DomainError {
  readonly code = 'unauthenticated';
  readonly status = 401;
}
export class Forbidden extends DomainError {
  readonly code = 'forbidden';
  readonly status = 403;
}
/** Bad input; `problems` name the places. */
export class Invalid extends DomainError {
  readonly code = 'invalid';
  readonly status = 422;
  readonly problems: { path: string; message: string }[];
  constructor(message: string, problems: { path: string; message: string }[] = []) {
    super(message, problems);
    this.problems = problems;
  }
}
export class Conflict extends DomainError {
  readonly code = 'conflict';
  readonly status = 409;
}
/**
 * Over what the organization's plan allows.
 * @public
 */
export class QuotaExceeded extends DomainError {
  readonly code = 'quota_exceeded';
  readonly status = 429;
}
/** Too many requests; `retryAfter` in seconds. */
export class TooManyRequests extends DomainError {
  readonly code = 'too_many_requests';
  readonly status = 429;
  readonly retryAfter: number;
  constructor(message: string, retryAfter: number) {
    super(message);
    this.retryAfter = retryAfter;
  }
}
