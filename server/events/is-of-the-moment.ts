/** SQLSTATEs of the moment, not of what was asked: connection, rollback, resources, locks, intervention. */
const sqlState = /^(08|40|53|55|57|58)/;
/** Prisma's own: unreachable, timed out, pool empty, transaction gone, write conflict */
const prismaCode = /^P(1\d{3}|2024|2028|2034)$/;

/** Whether the same may well succeed in a while. */
export function isOfTheMoment(error: unknown): boolean {
  for (let each: unknown = error, depth = 0; typeof each === 'object' && each !== null && depth < 5; depth++) {
    const { code, originalCode, meta, cause } = each as {
      code?: unknown;
      originalCode?: unknown;
      meta?: { code?: unknown; driverAdapterError?: unknown };
      cause?: unknown;
    };
    for (const found of [code, originalCode, meta?.code]) {
      if (typeof found === 'string' && (sqlState.test(found) || prismaCode.test(found) || /^E[A-Z]/.test(found))) return true;
    }
    each = meta?.driverAdapterError ?? cause;
  }
  return /Connection terminated|timeout exceeded when trying to connect/.test((error as Error | undefined)?.message ?? '');
}
