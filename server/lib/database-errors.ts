interface DatabaseError {
  code?: unknown;
  originalCode?: unknown;
  kind?: unknown;
  message?: unknown;
  /** Prisma keeps what PostgreSQL said here */
  meta?: { code?: unknown; driverAdapterError?: unknown };
  cause?: unknown;
}

/** the session is gone, or never was */
const lost = /^(ECONN|EPIPE|ETIMEDOUT|57P0|08)/;
const lostWords = /Connection terminated|not queryable|Client has encountered/;
/** rollbacks, resources, locks, cancelled by time or by hand, input and output; Prisma's own: unreachable, timed out, pool empty, transaction gone, write conflict */
const passing = /^(40|53|55006|55P03|57|58|EAI_AGAIN|EHOST|ENET|EMFILE|ENFILE|P1\d{3}$|P2024$|P2028$|P2034$|P2037$)/;
const passingWords = /timeout exceeded when trying to connect|Can't reach database server|Unable to start a transaction/;
const passingKinds = /^(DatabaseNotReachable|ConnectionClosed|TooManyConnections|SocketTimeout)$/;

/** Whether the connection went away, so that nobody knows what was written. */
export function isConnectionLoss(error: unknown): boolean {
  const { code, message } = (error ?? {}) as DatabaseError;
  return lost.test(text(code)) || lostWords.test(text(message));
}

/** Deadlock or serialization failure: the transaction did nothing and may be tried again. */
export function isSerialization(error: unknown): boolean {
  return ['40P01', '40001'].includes(text((error as DatabaseError | undefined)?.code));
}

/** Whether an error says something of the database's moment and not of what was asked, as pg or Prisma put it: the same may well succeed in a while. */
export function isOfTheMoment(error: unknown): boolean {
  for (let each = error, depth = 0; typeof each === 'object' && each !== null && depth < 5; depth++) {
    const { code, originalCode, kind, message, meta, cause } = each as DatabaseError;
    if ([code, originalCode, meta?.code].some((found) => lost.test(text(found)) || passing.test(text(found)))) return true;
    if (passingKinds.test(text(kind)) || lostWords.test(text(message)) || passingWords.test(text(message))) return true;
    each = meta?.driverAdapterError ?? cause;
  }
  return false;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
