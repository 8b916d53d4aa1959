interface Row {
  id: string;
}
export interface Page<T extends Row> {
  items: T[];
  nextCursor: string | null;
}

/**
 * Puts the newest rows (the server's first page, newest first) over the pages already shown. Within the ids the new page covers it is
 * the truth, so a row that no longer fits the filter goes; what is older stays, so that nothing falls into the gap between two pages.
 */
export function mergeLivePage<T extends Row>(pages: Page<T>[], fresh: T[], limit: number): Page<T>[] {
  const oldest = fresh.at(-1)?.id;
  const [first, ...rest] = pages;
  if (fresh.length < limit || oldest === undefined || !first) return [{ items: fresh, nextCursor: null }];
  const older = first.items.filter((row) => row.id < oldest);
  const nextCursor = first.nextCursor ?? (older.length > 0 ? null : first.items.length === 0 ? oldest : null);
  return [{ items: [...fresh, ...older], nextCursor }, ...rest];
}
