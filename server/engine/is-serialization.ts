/** Deadlock or serialization failure: the transaction did nothing and may be tried again. */
export function isSerialization(error: unknown): boolean {
  return ['40P01', '40001'].includes((error as { code?: string }).code ?? '');
}
