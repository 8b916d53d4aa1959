import { Invalid } from './errors';

/** An opaque cursor over the sort keys of the last row of a page. */
export function encodeCursor(parts: string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The sort keys of a cursor. Throws Invalid when it is not one of ours with `count` parts. */
export function decodeCursor(cursor: string, count: number): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts) && parts.length === count && parts.every((p) => typeof p === 'string')) return parts;
  } catch {
    // answered below
  }
  throw new Invalid('cursor: this is not a cursor of this list.', [{ path: 'cursor', message: 'this is not a cursor of this list' }]);
}
