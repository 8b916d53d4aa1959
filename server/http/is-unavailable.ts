const codes = /^(ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|57P0|08|53300|P1001|P1002|P1008|P1017|P2024|P2037)/;
const words = /Connection terminated|timeout exceeded when trying to connect|Can't reach database server|Unable to start a transaction|not queryable/;

interface DatabaseError {
  code?: string;
  message?: string;
  /** Prisma keeps what PostgreSQL said here */
  meta?: { driverAdapterError?: { cause?: { originalCode?: string; kind?: string } } };
}

/** Whether an error says that PostgreSQL is gone, starting or full, as pg or Prisma put it: worth trying again, unlike a bug. */
export function isUnavailable(error: unknown): boolean {
  const { code = '', message = '', meta } = (error ?? {}) as DatabaseError;
  const { originalCode = '', kind = '' } = meta?.driverAdapterError?.cause ?? {};
  return (
    codes.test(code) ||
    codes.test(originalCode) ||
    words.test(message) ||
    /^(DatabaseNotReachable|ConnectionClosed|TooManyConnections|SocketTimeout)$/.test(kind)
  );
}
