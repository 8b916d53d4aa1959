export type FaultCode =
  | 'syntax'
  | 'unknown_name'
  | 'unknown_function'
  | 'no_such_key'
  | 'type'
  | 'arithmetic'
  | 'argument'
  | 'too_large'
  | 'budget_exceeded'
  | 'unsafe_key';

/**
 * A failure inside an evaluation, before it is dressed as an ExpressionError. Not an Error: no stack is taken, and a costly message is made only when
 * somebody reads it, so `||`, `has` and `default` stay cheap.
 */
export class Fault {
  readonly code: FaultCode;
  readonly #message: string | (() => string);
  /** offset into the source, set by the innermost node that knows it */
  offset: number | undefined;
  constructor(code: FaultCode, message: string | (() => string), offset?: number) {
    this.code = code;
    this.#message = message;
    this.offset = offset;
  }
  get message(): string {
    return typeof this.#message === 'string' ? this.#message : this.#message();
  }
}

/** Gives a fault its place unless it has one already; returns what is to be thrown. */
export function located(error: unknown, offset: number): unknown {
  if (error instanceof Fault && error.offset === undefined) error.offset = offset;
  return error;
}
