import type { FaultCode } from './fault';

export interface ExpressionPosition {
  /** 0-based, in UTF-16 units */
  offset: number;
  /** 1-based */
  line: number;
  /** 1-based */
  column: number;
}

/** An expression that does not parse or failed to evaluate. `message` shows the reason, the place and the expression. */
export class ExpressionError extends Error {
  readonly code: FaultCode;
  /** the reason alone */
  readonly reason: string;
  readonly expression: string;
  readonly position?: ExpressionPosition;
  /** inside a template value: `headers.accept`, `items[2]` */
  readonly place?: string;
  constructor(code: FaultCode, reason: string, expression: string, offset?: number, place?: string) {
    const position = offset === undefined ? undefined : positionAt(expression, offset);
    super(`${reason} (${position ? `${describePosition(position)} of ` : 'in '}\`${excerpt(expression, offset ?? 0)}\`)`);
    this.name = 'ExpressionError';
    this.code = code;
    this.reason = reason;
    this.expression = expression;
    this.position = position;
    this.place = place;
  }

  /** The same error, saying where in a template value the expression stands. */
  at(place: string): ExpressionError {
    return new ExpressionError(this.code, this.reason, this.expression, this.position?.offset, place);
  }
}

/** Line and column of an offset. */
export function positionAt(source: string, offset: number): ExpressionPosition {
  let line = 1;
  let start = 0;
  for (let i = source.indexOf('\n'); i !== -1 && i < offset; i = source.indexOf('\n', i + 1)) {
    line++;
    start = i + 1;
  }
  return { offset, line, column: offset - start + 1 };
}

function describePosition(position: ExpressionPosition): string {
  return position.line === 1 ? `column ${position.column}` : `line ${position.line}, column ${position.column}`;
}

/** Long expressions are shown around the place. */
function excerpt(source: string, offset: number): string {
  if (source.length <= 160) return source;
  const from = Math.max(0, Math.min(offset - 60, source.length - 140));
  const to = Math.min(source.length, from + 140);
  return `${from > 0 ? '…' : ''}${source.slice(from, to)}${to < source.length ? '…' : ''}`;
}
