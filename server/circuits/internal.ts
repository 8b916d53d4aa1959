import type { Transaction } from '@/server/db/transaction';

/** The names of the credentials that breakers are of, by the breaker's target. */
export async function credentialNames(tx: Transaction, organizationId: string, targets: string[]): Promise<Map<string, string>> {
  const ids = targets.flatMap((t) => (t.startsWith('credential:') ? [t.slice('credential:'.length)] : []));
  if (ids.length === 0) return new Map();
  const rows = await tx.credential.findMany({ where: { organizationId, id: { in: ids } }, select: { id: true, name: true } });
  return new Map(rows.map(({ id, name }) => [`credential:${id}`, name]));
}
