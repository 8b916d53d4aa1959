import { enginePool } from '@/server/queue/engine-pool';
import { blobStore } from './blobs';

const batch = 200;

/**
 * Removes what a crash left in the store: blobs that were never finished or were on their way out, a day after they began. Returns how many.
 */
export async function sweepBlobs(signal?: AbortSignal): Promise<number> {
  let removed = 0;
  while (!signal?.aborted) {
    const { rows } = await enginePool().query<{ key: string }>(
      `SELECT organization_id || '/' || id AS key FROM blob WHERE NOT ready AND created_at < now() - interval '1 day' ORDER BY created_at LIMIT $1`,
      [batch],
    );
    if (rows.length === 0) break;
    await blobStore().remove(rows.map((r) => r.key));
    removed += rows.length;
    if (rows.length < batch) break;
  }
  return removed;
}
